// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.linux.Errno;
import jpasst.log.Level;
import jpasst.log.RateLimit;
import org.junit.jupiter.api.Test;

class FlowLogTest {
    private static final String HALF = "    TAP [10.0.0.5]:41000 -> [192.0.2.9]:80 => ";
    private static final String WHOLE = HALF + "HOST [0.0.0.0]:0 -> [192.0.2.9]:80";

    private final TestTable test = new TestTable(10);
    private final FlowLog log = new FlowLog(test.log);

    private List<String> lines() {
        var lines = List.copyOf(test.logged.lines());
        test.logged.clear();
        return lines;
    }

    @Test
    void showsAWholeLife() {
        test.debugging();
        Flow flow = test.active(FlowType.TCP, 41000);
        test.table.markDeferred(flow);
        test.table.runDeferred(0);
        assertEquals(List.of(
            "Flow 0 (NEW): FREE -> NEW",
            "Flow 0 (INI): NEW -> INI",
            "Flow 0 (INI): " + HALF + "?",
            "Flow 0 (TGT): INI -> TGT",
            "Flow 0 (TGT): " + WHOLE,
            "Flow 0 (TCP connection): TGT -> TYPED",
            "Flow 0 (TCP connection): " + WHOLE,
            "Flow 0 (TCP connection): TYPED -> ACTIVE",
            "Flow 0 (TCP connection): " + WHOLE,
            "Flow 0 (FREE): ACTIVE -> FREE",
            "Flow 0 (FREE): " + WHOLE), lines());
    }

    @Test
    void showsCancelsByWhatTheFlowWas() {
        test.debugging();
        test.table.allocate().cancel();
        assertEquals(List.of("Flow 0 (NEW): FREE -> NEW", "Flow 0 (FREE): NEW -> FREE"), lines());
        Ini ini = test.table.allocate().initiate(Pif.TAP, TestTable.side(41000));
        lines();
        ini.cancel();
        assertEquals(List.of("Flow 0 (FREE): INI -> FREE", "Flow 0 (FREE): " + HALF + "?"),
            lines());
        Typed typed = test.typed(FlowType.UDP, 41000);
        lines();
        typed.cancel();
        assertEquals(List.of("Flow 0 (FREE): TYPED -> FREE", "Flow 0 (FREE): " + WHOLE), lines());
    }

    @Test
    void showsBucketsOfTheHash() {
        var test = new TestTable(10, (protocol, pif, side) -> 77).debugging();
        Flow flow = test.active(FlowType.UDP, 1);
        test.logged.clear();
        test.table.insert(flow.sidx(1));
        test.table.remove(flow.sidx(1));
        assertEquals(List.of("Flow 0 (UDP flow): side 1 inserted in hash bucket 77",
            "Flow 0 (UDP flow): side 1 removed from hash bucket 77"), test.logged.lines());
    }

    @Test
    void addsTheDetailLineOnlyAboveDebug() {
        test.active(FlowType.PING4, 41000);
        Flow flow = test.table.flow(0);
        test.log.level(Level.DEBUG);
        log.debug(flow, "d");
        log.info(flow, "i");
        log.warn(flow, "w");
        log.error(flow, "e");
        String prefix = "Flow 0 (ICMP ping sequence): ";
        assertEquals(List.of(prefix + "d", prefix + "i", prefix + WHOLE,
            prefix + "w", prefix + WHOLE, prefix + "e", prefix + WHOLE), test.logged.lines());
        assertEquals(List.of(Level.DEBUG, Level.INFO, Level.INFO, Level.WARNING,
            Level.WARNING, Level.ERROR, Level.ERROR), test.logged.levels());
    }

    @Test
    void addsNoDetailLineToANewFlow() {
        log.warn(test.table.allocate().flow(), "w");
        assertEquals(List.of("Flow 0 (NEW): w"), lines());
    }

    @Test
    void appendsTheMeaningOfAnErrorNumber() {
        Flow flow = test.active(FlowType.TCP_SPLICE, 41000);
        log.warn(flow, "can't connect", Errno.ECONNREFUSED);
        assertEquals("Flow 0 (TCP connection (spliced)): can't connect: Connection refused",
            lines().getFirst());
    }

    @Test
    void limitsTheRateOfWholeMessages() {
        Flow flow = test.active(FlowType.UDP, 41000);
        var limit = new RateLimit(test.log, Level.WARNING);
        for (int i = 0; i < 100; i++) {
            log.limited(limit, 1, flow, "w");
        }
        assertEquals(2 * RateLimit.BURST + 1, lines().size());
    }

    @Test
    void showsIpv6InBrackets() {
        test.debugging();
        IpAddress from = IpAddress.parse("2001:db8::1");
        IpAddress to = IpAddress.parse("fe80:0:0:0:0:0:0:1");
        test.table.allocate().initiate(Pif.SPLICE, from.high(), from.low(), 65535, to.high(),
            to.low(), 0);
        assertEquals("Flow 0 (INI):     SPLICE [2001:db8::1]:65535 -> [fe80::1]:0 => ?",
            lines().getLast());
    }

    @Test
    void reportsARefusalWithInterfaceProtocolAndAddresses() {
        Ini ini = test.table.allocate().initiate(Pif.HOST, TestTable.side(41000));
        assertEquals(null, ini.target(6, 3));
        ini.cancel();
        assertEquals(List.of("Flow 0 (INI): IP protocol 6 from HOST is not forwarded",
            "Flow 0 (INI):     HOST [10.0.0.5]:41000 -> [192.0.2.9]:80 => ?"), lines());
    }
}
