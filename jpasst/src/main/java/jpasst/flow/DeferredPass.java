// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Asks the flows that were marked, and once a second those of timed types, and collects which
 * ones end. They are freed only after all were asked, so a handler sees a consistent table.
 */
final class DeferredPass {
    /** The interval of the timer, the same for all types. */
    static final long TIMER_NS = 1_000_000_000;

    private final FlowSlots slots;
    private final FlowHandler[] handlers = new FlowHandler[FlowType.values().length];
    private final FlowLog log;
    private final Counters counters;
    private final RateLimit failures;
    private final FlowSet timed = new FlowSet();
    private final FlowSet asked = new FlowSet();
    private final FlowSet ending = new FlowSet();
    private FlowSet dirty = new FlowSet();
    private FlowSet dirtyAgain = new FlowSet(); // marked after having been asked in this pass
    private long timerDueNs = Long.MIN_VALUE;

    DeferredPass(FlowSlots slots, Log log, FlowLog flowLog, Counters counters) {
        this.slots = slots;
        this.log = flowLog;
        this.counters = counters;
        this.failures = new RateLimit(log, Level.ERROR);
    }

    void handler(FlowType type, FlowHandler handler) {
        handlers[type.ordinal()] = handler;
    }

    FlowHandler handler(FlowType type) {
        return handlers[type.ordinal()];
    }

    void mark(int flow) {
        (asked.contains(flow) ? dirtyAgain : dirty).add(flow);
    }

    void activated(Flow flow) {
        if (flow.type().isTimed()) {
            timed.add(flow.index());
        }
    }

    /** Forgets a flow that is freed. */
    void forget(int flow) {
        dirty.remove(flow);
        dirtyAgain.remove(flow);
        timed.remove(flow);
        ending.remove(flow);
    }

    /** The lowest index of those that end, or -1. */
    int nextEnding() {
        return ending.next(0);
    }

    /** When the pass is wanted next: 0 for at once, Long.MAX_VALUE for never. */
    long nextDeadlineNs() {
        if (!dirty.isEmpty()) {
            return 0;
        }
        return timed.isEmpty() ? Long.MAX_VALUE : timerDueNs;
    }

    /** Asks whom there is to ask. Costs nothing if no flow is marked and no timer is due. */
    void ask(long nowNs) {
        boolean timerIsDue = nowNs >= timerDueNs;
        if (dirty.isEmpty() && !timerIsDue) {
            return;
        }
        askMarked(nowNs);
        if (timerIsDue) {
            timerDueNs = nowNs + TIMER_NS;
            askTimed(nowNs);
            askMarked(nowNs);
        }
        for (int i = asked.next(0); i >= 0; i = asked.next(i + 1)) {
            asked.remove(i);
        }
        var empty = dirty;
        dirty = dirtyAgain;
        dirtyAgain = empty;
    }

    private void askMarked(long nowNs) {
        for (int i = dirty.next(0); i >= 0; i = dirty.next(0)) {
            dirty.remove(i);
            asked.add(i);
            if (!ending.contains(i)) {
                ask(slots.get(i), false, nowNs);
            }
        }
    }

    private void askTimed(long nowNs) {
        for (int i = timed.next(0); i >= 0; i = timed.next(i + 1)) {
            if (!ending.contains(i)) {
                ask(slots.get(i), true, nowNs);
            }
        }
    }

    /** A failure costs the question: the flow lives on, since its descriptors may be open. */
    private void ask(Flow flow, boolean timer, long nowNs) {
        FlowHandler handler = handler(flow.type());
        try {
            boolean ends = timer ? handler.timer(flow, nowNs) : handler.deferred(flow, nowNs);
            if (ends) {
                ending.add(flow.index());
            }
        } catch (RuntimeException | Error failure) {
            counters.increment(Counter.HANDLER_EXCEPTIONS);
            if (failures.permits(nowNs)) {
                log.error(flow, "deferred work failed: " + failure);
            }
        }
    }
}
