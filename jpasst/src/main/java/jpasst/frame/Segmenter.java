// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import java.lang.foreign.MemorySegment;

import jpasst.wire.BigEndian;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv4Header;
import jpasst.wire.Ipv6Header;
import jpasst.wire.TcpHeader;
import jpasst.wire.UdpHeader;

/**
 * Makes the segments a super-frame stands for, one after the other, each in a frame it is given.
 * The super-frame is not changed.
 *
 * <p>Each segment has the headers of the super-frame with these differences: lengths; IPv4
 * identification counted up and header checksum; TCP sequence number advanced, FIN and PSH on the
 * last segment only, CWR on the first only (RFC 3168 section 6.1.2); the pseudo header's sum in
 * the checksum field, completing it being left to the facts.
 */
final class Segmenter {
    private static final int FIN_PSH = TcpHeader.FIN | TcpHeader.PSH;

    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();

    private Frame whole = new Frame();
    private boolean isV4;
    private boolean isTcp;
    private int transportStart;
    private int headerLength;
    private int payloadLength;
    private int count;

    /**
     * Takes a super-frame, which must stay as it is until its last segment is made.
     *
     * @return how many segments it stands for, at least 1
     * @throws IllegalArgumentException if facts and bytes of the frame do not fit each other
     */
    int begin(Frame frame) {
        whole = frame;
        transportStart = frame.checksumStart();
        isTcp = frame.gsoType() != Frame.GSO_UDP_L4;
        isV4 = ethernet.wrap(frame.memory(), frame.at()).type() == EthernetHeader.ETHERTYPE_IPV4;
        int least = EthernetHeader.LENGTH + (isV4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH);
        if (!frame.needsChecksum() || frame.gsoSize() <= 0 || transportStart < least) {
            throw new IllegalArgumentException("super-frame without segment size or checksum");
        }
        int transportLength = frame.length() - transportStart;
        long transportAt = frame.at() + transportStart;
        boolean isWhole = isTcp
                ? tcp.wrap(frame.memory(), transportAt).isValid(transportLength)
                : transportLength >= UdpHeader.LENGTH;
        if (!isWhole) {
            throw new IllegalArgumentException("super-frame without transport header");
        }
        headerLength = transportStart + (isTcp ? tcp.dataOffset() : UdpHeader.LENGTH);
        payloadLength = frame.length() - headerLength;
        count = Math.max(1, (payloadLength + frame.gsoSize() - 1) / frame.gsoSize());
        return count;
    }

    /** Bytes of all segments together. */
    int totalBytes() {
        return (count - 1) * length(0) + length(count - 1);
    }

    /** Bytes of the segment with this index, from 0, padding included. */
    int length(int index) {
        return Math.max(headerLength + dataLength(index), EthernetHeader.MINIMUM_FRAME);
    }

    private int dataLength(int index) {
        return Math.min(whole.gsoSize(), payloadLength - index * whole.gsoSize());
    }

    /**
     * Makes the segment with this index, from 0.
     *
     * @param to a plain frame with memory for {@link #length} bytes
     */
    void make(int index, Frame to) {
        int skipped = index * whole.gsoSize();
        int data = dataLength(index);
        to.length(headerLength + data).trusted(whole.trusted());
        MemorySegment.copy(whole.memory(), whole.at(), to.memory(), to.at(), headerLength);
        MemorySegment.copy(whole.memory(), whole.at() + headerLength + skipped,
                to.memory(), to.at() + headerLength, data);

        int pseudoHeader = adaptNetwork(to, index);
        if (isTcp) {
            adaptTcp(to, index, skipped);
        } else {
            udp.wrap(to.memory(), to.at() + transportStart).length(UdpHeader.LENGTH + data);
        }
        BigEndian.putU16(to.memory(), to.at() + transportStart + whole.checksumOffset(),
                pseudoHeader);
        to.partialChecksum(transportStart, whole.checksumOffset());
        pad(to);
    }

    /** Adapts the IP header and returns the partial sum of the segment's pseudo header. */
    private int adaptNetwork(Frame to, int index) {
        long at = to.at() + EthernetHeader.LENGTH;
        int protocol = isTcp ? IpProtocol.TCP : IpProtocol.UDP;
        int transportLength = to.length() - transportStart;
        int networkLength = to.length() - EthernetHeader.LENGTH;
        if (isV4) {
            v4.wrap(to.memory(), at).totalLength(networkLength);
            v4.identification(v4.identification() + index).fillHeaderChecksum();
            return Checksum.pseudoHeaderV4(v4.sourceAddress(), v4.destinationAddress(),
                    protocol, transportLength);
        }
        v6.wrap(to.memory(), at).payloadLength(networkLength - Ipv6Header.LENGTH);
        return Checksum.pseudoHeaderV6(v6.sourceHigh(), v6.sourceLow(), v6.destinationHigh(),
                v6.destinationLow(), protocol, transportLength);
    }

    private void adaptTcp(Frame to, int index, int skipped) {
        tcp.wrap(to.memory(), to.at() + transportStart);
        int flags = tcp.flags();
        if (index < count - 1) {
            flags &= ~FIN_PSH;
        }
        if (index > 0) {
            flags &= ~TcpHeader.CWR;
        }
        tcp.sequenceNumber(tcp.sequenceNumber() + skipped).flags(flags);
    }

    private static void pad(Frame to) {
        int missing = EthernetHeader.MINIMUM_FRAME - to.length();
        if (missing > 0) {
            for (int i = 0; i < missing; i++) {
                BigEndian.putU8(to.memory(), to.at() + to.length() + i, 0);
            }
            to.length(EthernetHeader.MINIMUM_FRAME);
        }
    }
}
