// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import java.util.ArrayList;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Says of each frame of the guest's what it is, and what was dropped of it: for {@code --trace}.
 * Without that, none is made, and tracing costs nothing. Loop thread only.
 */
public final class TracedInput implements FrameHandler {
    private static final Counter[] DROPS = drops();

    private final FrameHandler next;
    private final Counters counters;
    private final Log log;
    private final FrameText text = new FrameText();
    private final long[] dropped = new long[DROPS.length];

    /**
     * @param next who handles the frames
     * @param counters in which those count what they drop
     */
    public TracedInput(FrameHandler next, Counters counters, Log log) {
        this.next = next;
        this.counters = counters;
        this.log = log;
    }

    private static Counter[] drops() {
        var drops = new ArrayList<Counter>();
        for (Counter counter : Counter.values()) {
            if (counter.name().startsWith("DROP_")) drops.add(counter);
        }
        return drops.toArray(new Counter[0]);
    }

    @Override
    public void frame(Frame frame, long nowNs) {
        log.trace("from guest: " + text.of(frame));
        look();
        next.frame(frame, nowNs);
        tell();
    }

    @Override
    public void endBatch(long nowNs) {
        look();
        next.endBatch(nowNs);
        tell();
    }

    /** What was dropped until now was not these frames' doing. */
    private void look() {
        for (int i = 0; i < DROPS.length; i++) dropped[i] = counters.get(DROPS[i]);
    }

    private void tell() {
        for (int i = 0; i < DROPS.length; i++) {
            if (counters.get(DROPS[i]) != dropped[i]) log.trace("dropped: " + DROPS[i]);
        }
    }
}
