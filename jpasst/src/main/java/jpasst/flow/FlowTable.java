// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.function.Consumer;

import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * All flows of one worker: allocates them, finds them by address, and ends them. See the package
 * for the whole story. Loop thread only.
 */
public final class FlowTable {
    /** The most flows a table can have. */
    public static final int MAX_FLOWS = Sidx.NO_FLOW;

    private final FlowLog log;
    private final RateLimit leftHashed;
    private final Counters counters;
    private final FlowSlots slots;
    private final FreeClusters free;
    private final SidxHash hash;
    private final DeferredPass pass;
    private final Construction construction;
    private int activeCount;
    private long roundNs;
    private boolean inPass;

    /**
     * An empty table, which takes memory as it fills.
     *
     * @param capacity the most flows at once, 1 to {@link #MAX_FLOWS}
     * @param key0 first half of the secret of the hash, random
     * @param key1 second half of the secret of the hash, random
     * @param chooser decides where new flows go
     */
    public FlowTable(int capacity, long key0, long key1, TargetChooser chooser, Log log,
            Counters counters) {
        this(capacity, new SipHash(key0, key1), chooser, log, counters);
    }

    FlowTable(int capacity, SideHash sideHash, TargetChooser chooser, Log log,
            Counters counters) {
        if (capacity < 1 || capacity > MAX_FLOWS) {
            throw new IllegalArgumentException("capacity of flow table: " + capacity);
        }
        this.log = new FlowLog(log);
        this.leftHashed = new RateLimit(log, Level.ERROR);
        this.counters = counters;
        this.slots = new FlowSlots(capacity);
        this.free = new FreeClusters(capacity);
        this.hash = new SidxHash(slots, sideHash, this.log);
        this.pass = new DeferredPass(slots, log, this.log, counters);
        this.construction = new Construction(this, chooser, log, this.log);
    }

    /** Names who is asked about flows of a type; once per type, at start. */
    public void handler(FlowType type, FlowHandler handler) {
        pass.handler(type, handler);
    }

    /**
     * Begins a flow at the lowest free index. It must be ACTIVE or cancelled before control
     * returns to the event loop.
     *
     * @return the first step, or null, counted as a drop, if the table is full
     * @throws IllegalStateException if a flow is under construction
     */
    public New allocate() {
        requireNoConstruction();
        int index = free.take();
        if (index < 0) {
            counters.increment(Counter.DROP_TABLE_FULL);
            return null;
        }
        return construction.begin(slots.take(index));
    }

    /** Whether {@link #allocate} would find no room: ask before taking what would need a flow. */
    public boolean isFull() {
        return free.isEmpty();
    }

    /**
     * Gives up the flow under construction, if there is one, and takes its sides out of the hash.
     * For whoever catches an exception around the handling of a frame or event: descriptors the
     * failed code had opened are lost.
     */
    public void abandonConstruction() {
        Flow flow = construction.flow();
        if (flow != null) {
            unhash(flow);
            construction.cancel();
        }
    }

    /** The flow at an index, null if that slot is free. */
    public Flow flow(int index) {
        return slots.get(index);
    }

    /** The flow a sidx refers to; null if the sidx is invalid, or its slot is free. */
    public Flow at(int sidx) {
        return Sidx.isValid(sidx) ? slots.get(Sidx.flow(sidx)) : null;
    }

    /** The side a sidx refers to, of a flow that is there; null if the sidx is invalid. */
    public FlowSide sideAt(int sidx) {
        return Sidx.isValid(sidx) ? at(sidx).side(Sidx.side(sidx)) : null;
    }

    /** The interface of such a side; {@link Pif#NONE} if the sidx is invalid. */
    public Pif pifAt(int sidx) {
        return Sidx.isValid(sidx) ? at(sidx).pif(Sidx.side(sidx)) : Pif.NONE;
    }

    /**
     * Makes a side findable; nothing changes if it is already. The addresses of that side must
     * not change until {@link #remove}.
     *
     * @param sidx a side of a flow that is TYPED or ACTIVE
     * @return the keyed 64-bit hash of protocol, interface and side
     */
    public long insert(int sidx) {
        return hash.insert(sidx);
    }

    /** Makes a side no longer findable; nothing changes if it was not. */
    public void remove(int sidx) {
        hash.remove(sidx);
    }

    /**
     * Finds a side by its addresses.
     *
     * @param protocol IP protocol number
     * @return the sidx, or {@link Sidx#INVALID}
     */
    public int lookup(int protocol, Pif pif, FlowSide side) {
        return hash.lookup(protocol, pif, side);
    }

    /**
     * Has the flow's handler asked {@link FlowHandler#deferred} in the next deferred pass, or in
     * the running one if it was not asked in that yet. For a flow that is TYPED or ACTIVE; marking
     * twice is marking once.
     */
    public void markDeferred(Flow flow) {
        flow.require(flow.state().isAtLeast(FlowState.TYPED), "be marked");
        pass.mark(flow.index());
    }

    /**
     * The one deferred and timer pass, called once per round of the event loop after all events
     * of the batch: asks handlers, then frees the flows that end. Only here does an ACTIVE flow
     * end, so an index that an event of the batch holds stays good for the whole round.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     * @throws IllegalStateException if a flow is under construction, or from within the pass
     */
    public void runDeferred(long nowNs) {
        requireNoConstruction();
        if (inPass) {
            throw new IllegalStateException("deferred pass within the deferred pass");
        }
        roundNs = nowNs;
        inPass = true;
        try {
            pass.ask(nowNs);
        } finally {
            inPass = false;
        }
        requireNoConstruction();
        free.mergeFront();
        for (int index = pass.nextEnding(); index >= 0; index = pass.nextEnding()) {
            end(slots.get(index));
        }
    }

    /**
     * When {@link #runDeferred} has something to do next: a CLOCK_MONOTONIC time, 0 for at once,
     * or {@link Long#MAX_VALUE} if nothing is foreseen.
     */
    public long nextDeadlineNs() {
        return pass.nextDeadlineNs();
    }

    /** How many flows are ACTIVE. */
    public int activeCount() {
        return activeCount;
    }

    /** Shows every ACTIVE flow, in the order of indices. Not for anything per packet or round. */
    public void forEachActive(Consumer<? super Flow> visitor) {
        int index = 0;
        while (index < slots.size()) {
            int run = free.length(index);
            if (run > 0) {
                index += run;
                continue;
            }
            Flow flow = slots.get(index++);
            if (flow.state() == FlowState.ACTIVE) {
                visitor.accept(flow);
            }
        }
    }

    /**
     * Gives back the memory of arrays that grew with flows which have ended, as far as they lie
     * above those that are left. Costs as much as there is left: not for every round.
     */
    public void trim() {
        int used = free.usedSlots();
        slots.trim(used);
        free.trim(used);
        hash.trim();
    }

    boolean hasHandler(FlowType type) {
        return pass.handler(type) != null;
    }

    void activated(Flow flow) {
        activeCount++;
        counters.increment(Counter.FLOWS_STARTED);
        pass.activated(flow);
    }

    void cancelled(Flow flow) {
        counters.increment(Counter.FLOWS_CANCELLED);
        pass.forget(flow.index());
        free.giveBack(flow.index());
        slots.giveBack(flow);
    }

    /** The time of the last pass: good enough to limit the rate of messages. */
    long roundNs() {
        return roundNs;
    }

    Flow underConstruction() {
        return construction.flow();
    }

    FreeClusters freeClusters() {
        return free;
    }

    SidxHash sidxHash() {
        return hash;
    }

    private void end(Flow flow) {
        if (flow.isHashed()) {
            log.limited(leftHashed, roundNs, flow, "ends while still in the hash");
            unhash(flow);
        }
        flow.moveTo(FlowState.FREE, log);
        flow.clear();
        activeCount--;
        counters.increment(Counter.FLOWS_ENDED);
        pass.forget(flow.index());
        free.free(flow.index());
        slots.giveBack(flow);
    }

    private void unhash(Flow flow) {
        hash.remove(flow.sidx(0));
        hash.remove(flow.sidx(1));
    }

    private void requireNoConstruction() {
        Flow flow = construction.flow();
        if (flow != null) {
            flow.require(false, "be left under construction");
        }
    }
}
