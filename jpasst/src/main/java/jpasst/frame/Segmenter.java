// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import java.lang.foreign.Arena;
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
 * Makes the segments a super-frame stands for, one after the other in the same scratch frame. The
 * super-frame is not changed.
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
    private final Frame scratch;

    private Frame whole;
    private boolean isV4;
    private boolean isTcp;
    private int transportStart;
    private int headerLength;
    private int payloadLength;
    private int count;

    Segmenter(Arena arena) {
        scratch = new Frame(arena);
        whole = scratch;
    }

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

    /** The segment with this index, from 0; the frame is good until the next call. */
    Frame segment(int index) {
        int skipped = index * whole.gsoSize();
        int data = Math.min(whole.gsoSize(), payloadLength - skipped);
        scratch.reset().length(headerLength + data).trusted(whole.trusted());
        MemorySegment.copy(whole.memory(), whole.at(), scratch.memory(), scratch.at(),
                headerLength);
        MemorySegment.copy(whole.memory(), whole.at() + headerLength + skipped,
                scratch.memory(), scratch.at() + headerLength, data);

        int pseudoHeader = adaptNetwork(index);
        if (isTcp) {
            adaptTcp(index, skipped);
        } else {
            udp.wrap(scratch.memory(), scratch.at() + transportStart)
                    .length(UdpHeader.LENGTH + data);
        }
        BigEndian.putU16(scratch.memory(),
                scratch.at() + transportStart + whole.checksumOffset(), pseudoHeader);
        scratch.partialChecksum(transportStart, whole.checksumOffset());
        return pad();
    }

    /** Adapts the IP header and returns the partial sum of the segment's pseudo header. */
    private int adaptNetwork(int index) {
        long at = scratch.at() + EthernetHeader.LENGTH;
        int protocol = isTcp ? IpProtocol.TCP : IpProtocol.UDP;
        int transportLength = scratch.length() - transportStart;
        int networkLength = scratch.length() - EthernetHeader.LENGTH;
        if (isV4) {
            v4.wrap(scratch.memory(), at).totalLength(networkLength);
            v4.identification(v4.identification() + index).fillHeaderChecksum();
            return Checksum.pseudoHeaderV4(v4.sourceAddress(), v4.destinationAddress(),
                    protocol, transportLength);
        }
        v6.wrap(scratch.memory(), at).payloadLength(networkLength - Ipv6Header.LENGTH);
        return Checksum.pseudoHeaderV6(v6.sourceHigh(), v6.sourceLow(), v6.destinationHigh(),
                v6.destinationLow(), protocol, transportLength);
    }

    private void adaptTcp(int index, int skipped) {
        tcp.wrap(scratch.memory(), scratch.at() + transportStart);
        int flags = tcp.flags();
        if (index < count - 1) {
            flags &= ~FIN_PSH;
        }
        if (index > 0) {
            flags &= ~TcpHeader.CWR;
        }
        tcp.sequenceNumber(tcp.sequenceNumber() + skipped).flags(flags);
    }

    private Frame pad() {
        int missing = EthernetHeader.MINIMUM_FRAME - scratch.length();
        if (missing > 0) {
            for (int i = 0; i < missing; i++) {
                BigEndian.putU8(scratch.memory(), scratch.at() + scratch.length() + i, 0);
            }
            scratch.length(EthernetHeader.MINIMUM_FRAME);
        }
        return scratch;
    }
}
