// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import jpasst.addr.IpAddress;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import jpasst.metrics.Counters;

/**
 * A flow table whose flows all go to HOST, to the address they ask for, and whose one handler,
 * for all types, can be exchanged by a test.
 */
final class TestTable implements TargetChooser, FlowHandler {
    final RecordingDestination logged = new RecordingDestination();
    final Log log = new Log(logged);
    final Counters counters = new Counters();
    final FlowTable table;
    FlowHandler handler;

    TestTable(int capacity) {
        this(capacity, new SipHash(1, 2));
    }

    TestTable(int capacity, SideHash hash) {
        table = new FlowTable(capacity, hash, this, log, counters);
        for (FlowType type : FlowType.values()) {
            if (type != FlowType.NONE) {
                table.handler(type, this);
            }
        }
    }

    @Override
    public Pif choose(Pif from, FlowSide side, int protocol, int hint, FlowSide target) {
        if (from != Pif.TAP) {
            return Pif.NONE;
        }
        target.set(side.ourHigh(), side.ourLow(), side.ourPort(),
            IpAddress.ANY_V4.high(), IpAddress.ANY_V4.low(), 0);
        return Pif.HOST;
    }

    /** Ends every flow that was marked, unless a test says otherwise. */
    @Override
    public boolean deferred(Flow flow, long nowNs) {
        return handler == null || handler.deferred(flow, nowNs);
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        return handler != null && handler.timer(flow, nowNs);
    }

    TestTable debugging() {
        log.level(Level.DEBUG);
        return this;
    }

    /** The side 10.0.0.5, port as given, to 192.0.2.9 port 80. */
    static FlowSide side(int port) {
        IpAddress guest = IpAddress.parse("10.0.0.5");
        IpAddress peer = IpAddress.parse("192.0.2.9");
        return new FlowSide().set(guest.high(), guest.low(), port, peer.high(), peer.low(), 80);
    }

    Typed typed(FlowType type, int port) {
        return table.allocate().initiate(Pif.TAP, side(port))
            .target(type.protocol(), TargetChooser.NO_RULE_HINT).type(type, this);
    }

    Flow active(FlowType type, int port) {
        return typed(type, port).activate();
    }
}
