// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * A flow table and, beside it, a naive model: each operation is done to both and must have the
 * same effect. What the model says is illegal must be refused by the table.
 */
final class TableDriver {
    private static final Pattern CHANGE = Pattern.compile("Flow (\\d+) \\(.*\\): (\\w+ -> \\w+)");
    private static final FlowType[] TYPES = {
        FlowType.TCP, FlowType.TCP_SPLICE, FlowType.PING4, FlowType.PING6, FlowType.UDP,
    };

    /** What identifies a side. */
    record Key(int protocol, Pif pif, long address, int port) {
        FlowSide probe() {
            return new FlowSide().set(0, address, port, 0, ~address, port / 2);
        }
    }

    private static final class Entry {
        FlowState state = FlowState.NEW;
        FlowType type = FlowType.NONE;
        final Key[] keys = new Key[2];
        final boolean[] hashed = new boolean[2];
        final SimBody body = new SimBody();
        boolean marked;
    }

    private final int capacity;
    private final RecordingDestination logged = new RecordingDestination();
    private final Counters counters = new Counters();
    private final FlowTable table;
    private final TreeMap<Integer, Entry> model = new TreeMap<>();
    private final Map<Key, Set<Integer>> findable = new HashMap<>();
    private final List<String> expectedChanges = new ArrayList<>();
    private final Set<Integer> asked = new HashSet<>();
    private final Set<Integer> timed = new HashSet<>();
    private int making = -1;
    private FlowType wanted;
    private Key targetKey;
    private int openDescriptors;
    private long nowNs = 5_000_000_000L;
    private long timerDueNs = Long.MIN_VALUE;
    private FlowStep atNew;
    private FlowStep atIni;
    private FlowStep atTgt;
    private FlowStep atTyped;

    TableDriver(int capacity, SideHash hash, Level level) {
        this.capacity = capacity;
        table = new FlowTable(capacity, hash, this::choose, new Log(logged).level(level),
            counters);
        for (FlowType type : TYPES) {
            table.handler(type, new Handler(type));
        }
        TableInvariants.check(table, capacity, true);
    }

    FlowTable table() {
        return table;
    }

    int activeCount() {
        return table.activeCount();
    }

    /** Does to both what the flow's own protocol would. */
    private final class Handler implements FlowHandler {
        private final FlowType type;

        Handler(FlowType type) {
            this.type = type;
        }

        @Override
        public boolean deferred(Flow flow, long nowNs) {
            check(flow);
            assertTrue(asked.add(flow.index()), "asked twice");
            SimBody body = flow.body();
            if (body.closed) {
                release(body);
            }
            return body.closed;
        }

        @Override
        public boolean timer(Flow flow, long nowNs) {
            check(flow);
            assertTrue(type.isTimed() && timed.add(flow.index()));
            SimBody body = flow.body();
            if (body.expired) {
                unhash(flow.index());
                release(body);
            }
            return body.expired;
        }

        private void check(Flow flow) {
            assertEquals(FlowState.ACTIVE, flow.state());
            assertEquals(type, flow.type());
            assertEquals(TableDriver.this.nowNs, nowNs);
        }
    }

    private void release(SimBody body) {
        openDescriptors -= body.descriptors;
        body.descriptors = 0;
    }

    private Pif choose(Pif from, FlowSide side, int protocol, int hint, FlowSide target) {
        Key key = model.get(making).keys[0];
        assertEquals(key.pif(), from);
        assertTrue(side.sameAs(key.probe()));
        assertEquals(wanted.protocol(), protocol);
        assertEquals(making, hint);
        if (targetKey == null) {
            return Pif.NONE;
        }
        FlowSide probe = targetKey.probe();
        target.set(probe.endpointHigh(), probe.endpointLow(), probe.endpointPort(),
            probe.ourHigh(), probe.ourLow(), probe.ourPort());
        return targetKey.pif();
    }

    void allocate() {
        if (making >= 0) {
            assertThrows(IllegalStateException.class, table::allocate);
            return;
        }
        int lowest = 0;
        while (model.containsKey(lowest)) {
            lowest++;
        }
        assertEquals(lowest >= capacity, table.isFull(), "8: full");
        New step = table.allocate();
        if (lowest >= capacity) {
            assertNull(step, "8: full");
            return;
        }
        assertNotNull(step, "8: not full");
        assertEquals(lowest, step.flow().index(), "7");
        atNew = step;
        making = lowest;
        model.put(lowest, new Entry());
        changed(lowest, FlowState.FREE, FlowState.NEW);
    }

    void initiate(long address, int port) {
        Key key = new Key(0, Pif.of(1 + port % 3), address, port);
        FlowSide side = key.probe();
        if (making < 0 || model.get(making).state != FlowState.NEW) {
            if (atNew != null) {
                New stale = (New) atNew;
                assertThrows(IllegalStateException.class, () -> stale.initiate(key.pif(), side));
            }
            return;
        }
        atIni = ((New) atNew).initiate(key.pif(), side);
        model.get(making).keys[0] = key;
        change(making, FlowState.INI);
    }

    void target(int choice, Key key) {
        if (making < 0 || model.get(making).state != FlowState.INI) {
            if (atIni != null) {
                Ini stale = (Ini) atIni;
                assertThrows(IllegalStateException.class, () -> stale.target(6, 0));
            }
            return;
        }
        wanted = TYPES[choice % TYPES.length];
        targetKey = key;
        Tgt step = ((Ini) atIni).target(wanted.protocol(), making);
        assertEquals(key == null, step == null);
        if (key != null) {
            atTgt = step;
            model.get(making).keys[1] = key;
            change(making, FlowState.TGT);
        }
    }

    void type() {
        if (making < 0 || model.get(making).state != FlowState.TGT) {
            if (atTgt != null) {
                Tgt stale = (Tgt) atTgt;
                assertThrows(IllegalStateException.class,
                    () -> stale.type(FlowType.TCP, new SimBody()));
            }
            return;
        }
        Entry entry = model.get(making);
        assertThrows(IllegalStateException.class, () -> table.flow(making).body());
        atTyped = ((Tgt) atTgt).type(wanted, entry.body);
        entry.type = wanted;
        for (int side = 0; side < 2; side++) {
            Key key = entry.keys[side];
            entry.keys[side] =
                new Key(wanted.protocol(), key.pif(), key.address(), key.port());
        }
        entry.body.descriptors = 2;
        openDescriptors += 2;
        change(making, FlowState.TYPED);
    }

    void activate() {
        if (making < 0 || model.get(making).state != FlowState.TYPED) {
            if (atTyped != null) {
                Typed stale = (Typed) atTyped;
                assertThrows(IllegalStateException.class, stale::activate);
            }
            return;
        }
        assertEquals(table.flow(making), ((Typed) atTyped).activate());
        change(making, FlowState.ACTIVE);
        making = -1;
    }

    void cancel() {
        if (making < 0) {
            for (FlowStep stale : new FlowStep[] {atNew, atIni, atTgt, atTyped}) {
                if (stale != null) {
                    assertThrows(IllegalStateException.class, stale::cancel);
                }
            }
            return;
        }
        Entry entry = model.get(making);
        FlowStep step = switch (entry.state) {
            case NEW -> atNew;
            case INI -> atIni;
            case TGT -> atTgt;
            case TYPED -> atTyped;
            case FREE, ACTIVE -> throw new AssertionError();
        };
        if (entry.hashed[0] || entry.hashed[1]) {
            assertThrows(IllegalStateException.class, step::cancel);
        }
        unhash(making);
        release(entry.body);
        step.cancel();
        changed(making, entry.state, FlowState.FREE);
        model.remove(making);
        making = -1;
    }

    /** Hashes one side of the flow under construction, or else of any. */
    void hash(int choice) {
        int index = making >= 0 ? making : pick(choice);
        if (index < 0) {
            return;
        }
        Entry entry = model.get(index);
        int side = choice & 1;
        int sidx = Sidx.of(index, side);
        if (!entry.state.isAtLeast(FlowState.TYPED)) {
            assertThrows(RuntimeException.class, () -> table.insert(sidx));
            return;
        }
        if (!entry.body.closed) {
            assertEquals(table.insert(sidx), table.insert(sidx), "idempotent");
            entry.hashed[side] = true;
            findable.computeIfAbsent(entry.keys[side], k -> new HashSet<>()).add(sidx);
        }
    }

    void unhashOne(int choice) {
        int index = pick(choice);
        if (index >= 0) {
            unhash(index, choice & 1);
        }
    }

    private void unhash(int index) {
        unhash(index, 0);
        unhash(index, 1);
    }

    private void unhash(int index, int side) {
        int sidx = Sidx.of(index, side);
        table.remove(sidx);
        table.remove(sidx);
        Entry entry = model.get(index);
        if (entry.hashed[side]) {
            entry.hashed[side] = false;
            findable.get(entry.keys[side]).remove(sidx);
        }
    }

    /** The protocol is done with a flow. */
    void close(int choice) {
        int index = pick(choice);
        if (index >= 0) {
            unhash(index);
            SimBody body = model.get(index).body;
            body.closed = true;
            markFlow(index);
        }
    }

    /** Marks the flow under construction, or else any. */
    void mark(int choice) {
        int index = making >= 0 ? making : pick(choice);
        if (index >= 0 && !model.get(index).state.isAtLeast(FlowState.TYPED)) {
            assertThrows(IllegalStateException.class,
                () -> table.markDeferred(table.flow(index)));
        } else if (index >= 0) {
            markFlow(index);
        }
    }

    private void markFlow(int index) {
        table.markDeferred(table.flow(index));
        model.get(index).marked = true;
    }

    void expire(int choice) {
        int index = pick(choice);
        if (index >= 0) {
            model.get(index).body.expired = true;
        }
    }

    /** One of the ACTIVE flows, or -1. */
    private int pick(int choice) {
        if (model.isEmpty()) {
            return -1;
        }
        Integer index = model.ceilingKey(choice % (model.lastKey() + 1));
        return model.get(index).state == FlowState.ACTIVE ? index : -1;
    }

    void scan(long advanceNs) {
        nowNs += advanceNs;
        if (making >= 0) {
            assertThrows(IllegalStateException.class, () -> table.runDeferred(nowNs));
            return;
        }
        boolean timerIsDue = nowNs >= timerDueNs;
        if (timerIsDue) {
            timerDueNs = nowNs + 1_000_000_000;
        }
        var expectAsked = new HashSet<Integer>();
        var expectTimed = new HashSet<Integer>();
        var expectFreed = new ArrayList<Integer>();
        model.forEach((index, entry) -> {
            boolean closed = entry.marked && entry.body.closed;
            if (entry.marked) {
                expectAsked.add(index);
            }
            boolean due = timerIsDue && entry.type.isTimed() && !closed;
            if (due) {
                expectTimed.add(index);
            }
            if (closed || due && entry.body.expired) {
                expectFreed.add(index);
            }
            entry.marked = false;
        });
        asked.clear();
        timed.clear();
        table.runDeferred(nowNs);
        assertEquals(0, counters.get(Counter.HANDLER_EXCEPTIONS), "a handler's assertion");
        assertEquals(expectAsked, asked);
        assertEquals(expectTimed, timed);
        for (int index : expectFreed) {
            assertEquals(0, model.get(index).body.descriptors, "15");
            changed(index, FlowState.ACTIVE, FlowState.FREE);
            model.remove(index);
        }
    }

    /** Changes nothing that could be seen but in memory. */
    void trim() {
        table.trim();
    }

    private void change(int index, FlowState next) {
        Entry entry = model.get(index);
        changed(index, entry.state, next);
        entry.state = next;
    }

    private void changed(int index, FlowState from, FlowState to) {
        expectedChanges.add(index + " " + from + " -> " + to);
    }

    /** All invariants, in the table itself and against the model. */
    void check(boolean afterScan) {
        TableInvariants.check(table, capacity, afterScan && making < 0);
        compareEntries();
        compareLookups();
        var sum = new int[1];
        model.values().forEach(entry -> sum[0] += entry.body.descriptors);
        assertEquals(sum[0], openDescriptors, "15");
    }

    private void compareEntries() {
        for (int slot = 0; slot < capacity; slot++) {
            Flow flow = table.flow(slot);
            Entry entry = model.get(slot);
            assertEquals(entry == null, flow == null, "16");
            if (entry == null) {
                continue;
            }
            assertEquals(entry.state, flow.state(), "16");
            assertEquals(entry.type, flow.type(), "10");
            for (int side = 0; side < 2; side++) {
                if (entry.keys[side] != null) {
                    assertEquals(entry.keys[side].pif(), flow.pif(side), "10");
                    assertTrue(entry.keys[side].probe().sameAs(flow.side(side)), "10");
                }
            }
        }
        var active = new ArrayList<Integer>();
        table.forEachActive(flow -> active.add(flow.index()));
        var expected = new ArrayList<Integer>();
        model.forEach((index, entry) -> {
            if (entry.state == FlowState.ACTIVE) {
                expected.add(index);
            }
        });
        assertEquals(expected, active);
    }

    private void compareLookups() {
        int count = 0;
        for (var entry : findable.entrySet()) {
            Key key = entry.getKey();
            int found = table.lookup(key.protocol(), key.pif(), key.probe());
            count += entry.getValue().size();
            if (entry.getValue().isEmpty()) {
                assertEquals(Sidx.INVALID, found, "13: removed");
            } else {
                assertTrue(entry.getValue().contains(found), "13: not found");
            }
        }
        assertEquals(count, table.sidxHash().count(), "13: inserts less removes");
    }

    /** Invariant 11; only if state changes are logged, and once. */
    void checkLoggedChanges() {
        var seen = new ArrayList<String>();
        for (String line : logged.lines()) {
            Matcher change = CHANGE.matcher(line);
            if (change.matches()) {
                seen.add(change.group(1) + " " + change.group(2));
            }
        }
        assertEquals(expectedChanges, seen, "11");
    }
}
