// SPDX-License-Identifier: Apache-2.0
package jpasst.pcap;

import jpasst.frame.Frame;
import jpasst.frame.FrameSink;

/** A frame sink round another one, which records every frame the other took. */
public final class PcapSink implements FrameSink {
    private final FrameSink next;
    private final Capture capture;

    /** Passes frames on to {@code next} and records them in {@code capture}. */
    public PcapSink(FrameSink next, Capture capture) {
        this.next = next;
        this.capture = capture;
    }

    @Override
    public boolean send(Frame frame) {
        boolean taken = next.send(frame);
        if (taken) {
            capture.record(frame);
        }
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
