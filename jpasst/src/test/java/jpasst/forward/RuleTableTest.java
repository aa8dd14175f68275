// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.addr.IpAddress;
import jpasst.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTableTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final RuleCapabilities ALL =
        new RuleCapabilities(true, true, true, true, true, true);

    private static IpAddress ip(String text) {
        return text == null || text.equals("*") ? null : IpAddress.parse(text);
    }

    private static ForwardRule rule(int protocol, String address, int first, int last) {
        return new ForwardRule(protocol, ip(address), null, first, last, first, null, false,
            false);
    }

    private static String refusal(RuleTable.Builder table, ForwardRule rule) {
        int before = table.build().size();
        var refused = assertThrows(RuleException.class, () -> table.add(rule));
        assertEquals(before, table.build().size());
        return refused.getMessage();
    }

    private static String refusal(RuleCapabilities may, ForwardRule rule) {
        String start = "cannot add rule '" + rule.toString().strip() + "': ";
        String message = refusal(new RuleTable.Builder(may), rule);
        assertTrue(message.startsWith(start), message);
        return message.substring(start.length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            132; *; 1; 1; 1;;               only TCP and UDP have ports
            6; *; 5; 4; 5;;                 its first port is above its last one
            6; *; 0; 0; 1;;                 its ports are not from 1 to 65535
            6; *; 65535; 65536; 1;;         its ports are not from 1 to 65535
            6; *; -5; 5; 1;;                its ports are not from 1 to 65535
            6; *; -2147483648; 2147483647; 1;;  its ports are not from 1 to 65535
            6; *; 5; 5; 0;;                 its target ports are not from 1 to 65535
            6; *; 5; 6; 65535;;             its target ports are not from 1 to 65535
            6; *; 1; 65535; 2147483647;;    its target ports are not from 1 to 65535
            6; 0.0.0.0; 5; 5; 5; 224.0.0.1; its target is a multicast address
            6; ::; 5; 5; 5; ff02::1;        its target is a multicast address
            6; 127.0.0.1; 5; 5; 5; fd99::1; its target is not of the family it listens on
            6; ::1; 5; 5; 5; 192.0.2.1;     its target is not of the family it listens on
            6; *; 5; 5; 5; 192.0.2.1; a socket for both families cannot have 192.0.2.1 as \
            target, did you mean 0.0.0.0/ before the ports, or -4?
            6; *; 5; 5; 5; fd99::1; a socket for both families cannot have fd99::1 as \
            target, did you mean [::]/ before the ports, or -6?
            """)
    void refusesWhatMakesNoSense(int protocol, String address, int first, int last, int target,
            String targetAddress, String message) {
        assertEquals(message, refusal(ALL, new ForwardRule(protocol, ip(address), null, first,
            last, target, ip(targetAddress), false, false)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            false true  true  true;  6;  *;         IPv4 is not enabled
            false true  true  true;  6;  127.0.0.1; IPv4 is not enabled
            true  false true  true;  6;  *;         IPv6 is not enabled
            true  false true  true;  6;  ::1;       IPv6 is not enabled
            true  true  false true;  6;  *;         TCP is not enabled
            true  true  true  false; 17; *;         UDP is not enabled
            """)
    void refusesWhatIsNotEnabled(String flags, int protocol, String address, String message) {
        String[] flag = flags.split(" +");
        var may = new RuleCapabilities(Boolean.parseBoolean(flag[0]),
            Boolean.parseBoolean(flag[1]), Boolean.parseBoolean(flag[2]),
            Boolean.parseBoolean(flag[3]), true, true);
        assertEquals(message, refusal(may, rule(protocol, address, 5, 5)));
    }

    @Test
    void refusesToFollowPortsWithoutNamespace() {
        var may = new RuleCapabilities(true, true, true, true, false, true);
        assertEquals("ports can follow those of a namespace only",
            refusal(may, new ForwardRule(TCP, null, null, 5, 5, 5, null, false, true)));
    }

    @Test
    void refusesInterfacesThatCannotBe() {
        var rule = new ForwardRule(TCP, null, "lo", 5, 5, 5, null, false, false);
        var may = new RuleCapabilities(true, true, true, true, true, false);
        assertEquals("listening on one interface only takes Linux 5.7 or CAP_NET_RAW",
            refusal(may, rule));
        assertEquals(1, new RuleTable.Builder(ALL).add(rule).build().size());
        assertEquals("no interface can have that name",
            refusal(ALL, new ForwardRule(TCP, null, "a/b", 5, 5, 5, null, false, false)));
    }

    @Test
    void namesBothRulesOfAConflict() {
        var table = new RuleTable.Builder(ALL).add(rule(UDP, "*", 2005, 2005))
            .add(rule(TCP, "*", 2000, 2010));
        assertEquals("cannot add rule 'TCP [::1]:2005  =>  2005':"
            + " it conflicts with 'TCP [*]:2000-2010  =>  2000-2010'",
            refusal(table, rule(TCP, "::1", 2005, 2005)));
    }

    @Test
    void holdsAHundredOfRulesButNotMore() {
        var table = new RuleTable.Builder(ALL);
        for (int i = 1; i <= 255; i++) {
            table.add(rule(TCP, "*", i, i));
        }
        assertEquals("cannot add rule 'TCP [*]:256  =>  256':"
            + " there are too many rules (maximum 255)", refusal(table, rule(TCP, "*", 256, 256)));
    }

    @Test
    void limitsTheSockets() {
        var table = new RuleTable.Builder(ALL);
        for (int i = 1; i <= 5; i++) {
            table.add(rule(TCP, "127.0.0." + i, 1, 65535));
        }
        table.add(rule(UDP, "*", 1, 5));
        assertEquals("cannot add rule 'UDP [*]:6  =>  6':"
            + " too many listening sockets would be needed (maximum 327680)",
            refusal(table, rule(UDP, "*", 6, 6)));
    }

    @Test
    void knowsWhichProtocolsItHas() {
        var table = new RuleTable.Builder(ALL);
        assertFalse(table.hasRules(TCP));
        table.add(rule(TCP, "*", 5, 5));
        assertTrue(table.hasRules(TCP));
        assertFalse(table.hasRules(UDP));
    }

    @Test
    void staysAsItWasBuilt() {
        var builder = new RuleTable.Builder(ALL).add(rule(TCP, "*", 5, 5));
        RuleTable table = builder.build();
        builder.add(rule(TCP, "*", 6, 6));
        assertEquals(1, table.size());
    }

    private static ForwardRule find(RuleTable table, String address, int port, int hint) {
        return table.find(TCP, ip(address).high(), ip(address).low(), port, hint);
    }

    @Test
    void findsTheHintedRuleOrTheFirstThatMatches() {
        RuleTable table = new RuleTable.Builder(ALL).add(rule(TCP, "127.0.0.1", 5, 5))
            .add(rule(TCP, "*", 6, 9)).add(rule(TCP, "::1", 5, 5)).build();
        for (int hint : new int[] {-1, 0, 1, 2, 3, 255, Integer.MIN_VALUE}) {
            assertSame(table.rule(0), find(table, "127.0.0.1", 5, hint));
            assertSame(table.rule(1), find(table, "127.0.0.1", 7, hint));
            assertSame(table.rule(2), find(table, "::1", 5, hint));
            assertNull(find(table, "127.0.0.1", 10, hint));
            assertNull(find(table, "127.0.0.2", 5, hint));
        }
    }

    @Test
    @Tag("allocation")
    void findsWithoutAllocating() {
        var builder = new RuleTable.Builder(ALL);
        for (int i = 1; i <= 255; i++) {
            builder.add(rule(i % 2 == 0 ? TCP : UDP, i % 3 == 0 ? "127.0.0.1" : "*", i, i));
        }
        RuleTable table = builder.build();
        IpAddress our = ip("127.0.0.1");
        Allocation.assertNone(1000, () -> {
            found += table.find(TCP, our.high(), our.low(), 254, 3).firstPort();
        });
        assertTrue(found > 0);
    }

    private long found;
}
