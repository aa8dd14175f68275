// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.LazyMemory;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv4Header;
import jpasst.wire.Ipv6Header;
import jpasst.wire.TcpHeader;
import jpasst.wire.TcpOptions;

/**
 * Builds segments for the guest and hands them to the tap. Data is read by others straight to where
 * its headers will stand before it: one place, or that of each segment of a run. Loop thread only.
 */
final class Segments {
    /** Window of segments before anything is known of the connection, in bytes. */
    static final int DEFAULT_WINDOW = 14600;
    /** Places for data that is read by one call, at most. */
    static final int MAX_PLACES = 96;
    /** Data in all of them: half of what the tap's memory holds, which it sends by one call. */
    private static final int MAX_RUN = 400 * 1024;
    /** Super-frames that are read by one call, at most; as many as stay in the cache. */
    private static final int SUPER_PLACES = 4;

    private static final int HOP_LIMIT = 255;
    private static final int LARGEST_PACKET = 65535;
    private static final int FLOW_LABEL_BITS = 0xfffff;
    private static final MemorySegment ZEROS =
            MemorySegment.ofArray(new byte[EthernetHeader.MINIMUM_FRAME]);
    private static final int V4_HEADERS = Ipv4Header.LENGTH + TcpHeader.LENGTH;
    private static final int V6_HEADERS = Ipv6Header.LENGTH + TcpHeader.LENGTH;

    private final FrameSink sink;
    private final Addresses addresses;
    private final Counters counters;
    private final MemorySegment memory;
    private final Frame own = new Frame();
    private final Frame lent = new Frame();
    private final Frame control;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final TcpHeader tcp = new TcpHeader();
    /** Where the next data goes: the first of some places, {@link #own} or {@link #lent}. */
    private Frame data;
    private int places = 1;
    private int distance;
    private int placeLength;

    Segments(Arena arena, FrameSink sink, Addresses addresses, Counters counters) {
        this.sink = sink;
        this.addresses = addresses;
        this.counters = counters;
        memory = LazyMemory.allocate(arena, (long) SUPER_PLACES * Frame.CAPACITY);
        data = own;
        control = new Frame(arena);
    }

    /**
     * Finds places for data, before which nothing else is sent. If the socket has been seen to hold
     * so much: for a run of segments in the tap's own memory, if it lends them, or of super-frames;
     * else one.
     *
     * @param room bytes which the guest's window has left
     * @return bytes of data there is a place for, up to {@code room}
     */
    int prepare(TcpConnection c, boolean v4, int room) {
        int most = mostData(v4);
        if (c.mss < most) most -= most % c.mss;
        if (c.is(TcpConnection.BULK)) {
            int count = Math.min(MAX_PLACES, Math.min(room, MAX_RUN) / c.mss);
            if (count > 1 && prepareRun(count, v4, c.mss)) return count * c.mss;
            count = Math.min(SUPER_PLACES, room / most);
            if (count > 1) return prepareSuperFrames(count, most);
        }
        int length = Math.min(room, most);
        prepareOne(c, v4, length);
        return length;
    }

    private int prepareSuperFrames(int count, int length) {
        data = own.wrap(memory, Frame.HEADROOM, 0);
        places = count;
        distance = Frame.CAPACITY;
        placeLength = length;
        return count * length;
    }

    private boolean prepareRun(int count, boolean v4, int length) {
        int frameLength = EthernetHeader.LENGTH + headerLength(v4) + length;
        distance = sink.lendRun(lent, count, frameLength);
        if (distance == 0) return false;
        data = lent;
        places = count;
        placeLength = length;
        return true;
    }

    /** Finds one place for data of a length, as {@link #prepare}. */
    void prepareOne(TcpConnection c, boolean v4, int length) {
        boolean whole = length <= c.mss;
        int frameLength = EthernetHeader.LENGTH + headerLength(v4) + length;
        data = whole && length > 0 && frameLength >= EthernetHeader.MINIMUM_FRAME
                && sink.lend(lent, frameLength) ? lent : own.wrap(memory, Frame.HEADROOM, 0);
        places = 1;
        placeLength = length;
    }

    /** The memory in which a data segment is prepared. */
    MemorySegment dataMemory() {
        return data.memory();
    }

    /** Whether the guest's side of a connection is IPv4. */
    static boolean isV4(Flow flow, TcpConnection c) {
        FlowSide side = flow.side(c.tapSide);
        return Ip.isV4(side.ourHigh(), side.ourLow());
    }

    /** Where in {@link #dataMemory} the first data belongs. */
    long dataAt(boolean v4) {
        return data.at() + EthernetHeader.LENGTH + (v4 ? V4_HEADERS : V6_HEADERS);
    }

    /** How many places there are for data. */
    int places() {
        return places;
    }

    /** Bytes from one of them to the next. */
    int distance() {
        return distance;
    }

    /** Bytes of data for each place. */
    int placeLength() {
        return placeLength;
    }

    /** The most data that one frame can carry, in bytes. */
    private static int mostData(boolean v4) {
        return LARGEST_PACKET - (v4 ? V4_HEADERS : V6_HEADERS);
    }

    /** Bytes of IP and TCP headers without options. */
    static int headerLength(boolean v4) {
        return v4 ? V4_HEADERS : V6_HEADERS;
    }

    /**
     * Sends data which was read to the places prepared. What is longer than the guest's maximum
     * segment size in one place the tap cuts.
     *
     * @param window in bytes
     * @return how many bytes the tap took; if any, acknowledgement and window count as announced
     */
    int data(Flow flow, TcpConnection c, int sequence, int length, int ack, int window) {
        int done = 0;
        for (long at = data.at(); done < length; at += distance) {
            int part = Math.min(length - done, placeLength);
            boolean last = done + part == length;
            data.wrap(data.memory(), at, 0);
            if (!segment(flow, c, sequence + done, part, ack, window,
                    last ? TcpHeader.ACK | TcpHeader.PSH : TcpHeader.ACK)) {
                break;
            }
            done += part;
        }
        return done;
    }

    /** Sends one segment, whose data is in its place in {@link #data}. */
    private boolean segment(Flow flow, TcpConnection c, int sequence, int length, int ack,
            int window, int flags) {
        FlowSide side = flow.side(c.tapSide);
        boolean v4 = Ip.isV4(side.ourHigh(), side.ourLow());
        int headers = headerLength(v4);
        Frame frame = data.length(EthernetHeader.LENGTH + headers + length);
        int field = windowField(c, ack, window);
        int sum = headers(frame, flow, side, v4, TcpHeader.LENGTH + length, c.socket);
        tcp.write(side.ourPort(), side.endpointPort(), sequence, ack, TcpHeader.LENGTH, flags,
                field).checksum(sum);
        int tcpAt = EthernetHeader.LENGTH + headers - TcpHeader.LENGTH;
        frame.partialChecksum(tcpAt, TcpHeader.CHECKSUM_OFFSET);
        if (length > c.mss) {
            frame.gso(v4 ? Frame.GSO_TCPV4 : Frame.GSO_TCPV6, c.mss, tcpAt + TcpHeader.LENGTH);
        }
        pad(frame);
        return send(frame) && announced(c, ack, field);
    }

    /**
     * Sends a segment without data.
     *
     * @param flags of the TCP header; with SYN go the options of spec and RFC 7323
     * @param window in bytes; ignored without ACK
     * @return whether the tap took it
     */
    boolean control(Flow flow, TcpConnection c, int flags, int sequence, int ack, int window) {
        FlowSide side = flow.side(c.tapSide);
        boolean v4 = Ip.isV4(side.ourHigh(), side.ourLow());
        boolean syn = (flags & TcpHeader.SYN) != 0;
        Frame frame = control.reset();
        int optionsAt = Frame.HEADROOM + EthernetHeader.LENGTH + headerLength(v4);
        int options = syn ? putOptions(frame, optionsAt, c, (flags & TcpHeader.ACK) != 0) : 0;
        int length = TcpHeader.LENGTH + options;
        frame.length(EthernetHeader.LENGTH + headerLength(v4) + options);
        int field = syn ? Math.min(window, 0xffff) : windowField(c, ack, window);
        int sum = headers(frame, flow, side, v4, length, c.socket);
        tcp.write(side.ourPort(), side.endpointPort(), sequence, ack, length, flags, field);
        finish(frame, length, sum);
        return send(frame) && (syn || announced(c, ack, field));
    }

    private static int putOptions(Frame frame, int at, TcpConnection c, boolean answer) {
        if (!answer || c.is(TcpConnection.SCALED)) {
            return TcpOptions.putSyn(frame.memory(), at, c.ourMss, TcpConnection.OUR_SCALE);
        }
        return TcpOptions.putMaximumSegmentSize(frame.memory(), at, c.ourMss);
    }

    /**
     * The window as it goes on the wire: rounded up, so that its edge does not move back. Each
     * time that moves it on a little; where the buffer could not hold what lies below the edge, it
     * is rounded down, and what was promised before is still accepted (RFC 7323 section 2.4).
     */
    private static int windowField(TcpConnection c, int ack, int window) {
        int scale = c.scaleToTap();
        int field = Math.min(window + (1 << scale) - 1 >>> scale, 0xffff);
        int most = c.seqFromTap - c.buffered() + ReceiveBuffer.MAX_SPAN - ack;
        return field << scale > most ? Math.max(0, most >> scale) : field;
    }

    private static boolean announced(TcpConnection c, int ack, int field) {
        c.seqAckToTap = ack;
        c.edgeToTap = Sequence.later(c.edgeToTap, ack + (field << c.scaleToTap()));
        return true;
    }

    /**
     * Answers a segment that belongs to no connection with RST (RFC 9293 section 3.10.7.1).
     *
     * @param segment the guest's segment
     * @param length bytes of its data
     */
    void refuse(IpPacket packet, TcpHeader segment, int length) {
        boolean v4 = packet.isV4();
        Frame frame = control.reset();
        frame.length(EthernetHeader.LENGTH + headerLength(v4));
        long mac = addresses.neighbors().macOf(packet.destinationHigh(), packet.destinationLow());
        int sum = ip(frame, mac, v4, TcpHeader.LENGTH, packet.flowLabel(),
                packet.destinationHigh(), packet.destinationLow(),
                packet.sourceHigh(), packet.sourceLow());
        int octets = length + (segment.has(TcpHeader.SYN) ? 1 : 0)
                + (segment.has(TcpHeader.FIN) ? 1 : 0);
        boolean acked = segment.has(TcpHeader.ACK);
        tcp.write(segment.destinationPort(), segment.sourcePort(),
                acked ? segment.acknowledgmentNumber() : 0,
                acked ? 0 : segment.sequenceNumber() + octets, TcpHeader.LENGTH,
                acked ? TcpHeader.RST : TcpHeader.RST | TcpHeader.ACK, 0);
        finish(frame, TcpHeader.LENGTH, sum);
        send(frame);
    }

    /** Link and network headers of a frame of a flow; returns the pseudo header's sum. */
    private int headers(Frame frame, Flow flow, FlowSide side, boolean v4, int tcpLength,
            int label) {
        return ip(frame, addresses.neighbors().macFor(flow), v4, tcpLength, label,
                side.ourHigh(), side.ourLow(), side.endpointHigh(), side.endpointLow());
    }

    private int ip(Frame frame, long sourceMac, boolean v4, int tcpLength, int label,
            long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        MemorySegment m = frame.memory();
        long at = frame.at();
        ethernet.wrap(m, at).target(addresses.guestMac()).source(sourceMac);
        at += EthernetHeader.LENGTH;
        if (v4) {
            ethernet.type(EthernetHeader.ETHERTYPE_IPV4);
            int source = Ip.v4(sourceLow);
            int destination = Ip.v4(destinationLow);
            ipv4.wrap(m, at).write(Ipv4Header.LENGTH + tcpLength, HOP_LIMIT, IpProtocol.TCP,
                    source, destination).fillHeaderChecksum();
            tcp.wrap(m, at + Ipv4Header.LENGTH);
            return Checksum.pseudoHeaderV4(source, destination, IpProtocol.TCP, tcpLength);
        }
        ethernet.type(EthernetHeader.ETHERTYPE_IPV6);
        ipv6.wrap(m, at).write(tcpLength, IpProtocol.TCP, HOP_LIMIT, label & FLOW_LABEL_BITS)
                .source(sourceHigh, sourceLow).destination(destinationHigh, destinationLow);
        tcp.wrap(m, at + Ipv6Header.LENGTH);
        return Checksum.pseudoHeaderV6(sourceHigh, sourceLow, destinationHigh, destinationLow,
                IpProtocol.TCP, tcpLength);
    }

    /** Completes a frame without data. */
    private void finish(Frame frame, int tcpLength, int sum) {
        long tcpAt = frame.at() + frame.length() - tcpLength;
        tcp.checksum(Checksum.finish(Checksum.sum(frame.memory(), tcpAt, tcpLength, sum)));
        pad(frame);
    }

    /** Zeros up to Ethernet's least length; they change no checksum. */
    private static void pad(Frame frame) {
        int missing = EthernetHeader.MINIMUM_FRAME - frame.length();
        if (missing > 0) {
            MemorySegment.copy(ZEROS, 0, frame.memory(), frame.at() + frame.length(), missing);
            frame.length(EthernetHeader.MINIMUM_FRAME);
        }
    }

    private boolean send(Frame frame) {
        if (!sink.send(frame)) {
            counters.increment(Counter.DROP_TAP_REFUSED);
            return false;
        }
        counters.increment(Counter.TCP_SEGMENTS_TO_TAP);
        return true;
    }
}
