// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.log.Log;

/**
 * A frame sink round another one, which says of each frame what it is, and whether the other took
 * it: for {@code --trace}. Without that, none is made. Loop thread only.
 */
public final class TracedSink implements FrameSink {
    private final FrameSink next;
    private final Log log;
    private final FrameText text = new FrameText();

    /** Passes frames on to {@code next}. */
    public TracedSink(FrameSink next, Log log) {
        this.next = next;
        this.log = log;
    }

    @Override
    public boolean send(Frame frame) {
        // Before it is sent: what takes it may write to it.
        String what = text.of(frame);
        boolean taken = next.send(frame);
        log.trace((taken ? "to guest: " : "to guest, not taken: ") + what);
        return taken;
    }

    @Override
    public boolean takesRun(int count, int bytes) {
        return next.takesRun(count, bytes);
    }

    @Override
    public boolean lend(Frame frame, int length) {
        return next.lend(frame, length);
    }

    @Override
    public int lendRun(Frame first, int count, int length) {
        return next.lendRun(first, count, length);
    }
}
