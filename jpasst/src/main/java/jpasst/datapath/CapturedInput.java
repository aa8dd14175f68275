// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.pcap.Capture;

/** Records what the guest sends before it is handled. Loop thread only. */
public final class CapturedInput implements FrameHandler {
    private final FrameHandler next;
    private final Capture capture;

    /** @param next who handles the frames */
    public CapturedInput(FrameHandler next, Capture capture) {
        this.next = next;
        this.capture = capture;
    }

    @Override
    public void frame(Frame frame, long nowNs) {
        capture.record(frame);
        next.frame(frame, nowNs);
    }

    @Override
    public void endBatch(long nowNs) {
        next.endBatch(nowNs);
    }
}
