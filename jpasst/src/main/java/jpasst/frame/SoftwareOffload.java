// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import java.lang.foreign.Arena;

/**
 * Does for a sink what its other end cannot: cuts super-frames into segments, completes checksums.
 * A frame whose facts the sink supports passes untouched.
 *
 * <p>A super-frame is refused as a whole if the sink says that it has no room for all its segments
 * ({@link FrameSink#takesRun}), or refuses the first. If the sink takes some segments and then
 * refuses one all the same, the frame counts as taken and the rest as lost on the wire: TCP
 * retransmits it, and a datagram may be lost anyway. {@link #lostSegments} counts them.
 *
 * <p>Segments are made where the sink wants them if it lends the place, else in a frame of our own.
 */
public final class SoftwareOffload implements FrameSink {
    private final FrameSink sink;
    private final boolean checksum;
    private final boolean tso4;
    private final boolean tso6;
    private final boolean uso;
    private final Segmenter segmenter = new Segmenter();
    private final Frame lent = new Frame();
    private final Frame scratch;
    private long lostSegments;

    /**
     * @param arena lives as long as this; memory for one frame is taken from it
     * @param checksum whether the sink takes frames with an incomplete checksum; without this it
     *     cannot take super-frames
     * @param tso4 whether it takes {@link Frame#GSO_TCPV4}
     * @param tso6 whether it takes {@link Frame#GSO_TCPV6}
     * @param uso whether it takes {@link Frame#GSO_UDP_L4}
     */
    public SoftwareOffload(FrameSink sink, Arena arena, boolean checksum, boolean tso4,
            boolean tso6, boolean uso) {
        if (!checksum && (tso4 || tso6 || uso)) {
            throw new IllegalArgumentException("segmentation offload needs checksum offload");
        }
        this.sink = sink;
        this.checksum = checksum;
        this.tso4 = tso4;
        this.tso6 = tso6;
        this.uso = uso;
        scratch = new Frame(arena);
    }

    @Override
    public boolean send(Frame frame) {
        if (!takes(frame.gsoType())) {
            return sendSegments(frame);
        }
        return sendOne(frame);
    }

    /** What needs no more than a checksum is made where the sink would copy it to. */
    @Override
    public boolean lend(Frame frame, int length) {
        return sink.lend(frame, length);
    }

    @Override
    public int lendRun(Frame first, int count, int length) {
        return sink.lendRun(first, count, length);
    }

    /** Segments lost so far because the sink refused them after it had taken earlier ones. */
    public long lostSegments() {
        return lostSegments;
    }

    private boolean takes(int gsoType) {
        return switch (gsoType) {
            case Frame.GSO_NONE -> true;
            case Frame.GSO_TCPV4 -> tso4;
            case Frame.GSO_TCPV6 -> tso6;
            case Frame.GSO_UDP_L4 -> uso;
            default -> throw new IllegalArgumentException("unknown GSO type " + gsoType);
        };
    }

    private boolean sendOne(Frame frame) {
        if (frame.needsChecksum() && !checksum) {
            PartialChecksum.complete(frame);
        }
        return sink.send(frame);
    }

    private boolean sendSegments(Frame frame) {
        int count = segmenter.begin(frame);
        if (!sink.takesRun(count, segmenter.totalBytes())) return false;
        for (int i = 0; i < count; i++) {
            Frame segment = place(segmenter.length(i));
            segmenter.make(i, segment);
            if (!sendOne(segment)) {
                lostSegments += i > 0 ? count - i : 0;
                return i > 0;
            }
        }
        return true;
    }

    private Frame place(int length) {
        return sink.lend(lent, length) ? lent : scratch.reset();
    }
}
