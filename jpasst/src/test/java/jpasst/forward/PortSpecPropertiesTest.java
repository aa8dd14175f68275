// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PortSpecPropertiesTest {
    private static final int TCP = 6;
    private static final RuleCapabilities ALL =
        new RuleCapabilities(true, true, true, true, true, true);
    private static final PortRange EPHEMERAL = new PortRange(32768, 60999);

    /** A range and how far its targets are. */
    record Item(PortRange ports, int shift) {
        String text() {
            return ports.first() + "-" + ports.last() + ":" + (ports.first() + shift) + "-"
                + (ports.last() + shift);
        }
    }

    @Provide
    Arbitrary<String> tokens() {
        return Arbitraries.of("22", "0", "65535", "65536", "-", ":", "/", ",", "~", "all", "auto",
            "none", "[", "]", "%", "lo", "*", "::1", "127.0.0.1", "fe80::1", ".", " ", "é", "x",
            "1-65535", "\0").list().ofMaxSize(12).map(words -> String.join("", words));
    }

    private static void tryAll(String spec) {
        for (boolean mayListen : new boolean[] {true, false}) {
            var table = new RuleTable.Builder(ALL);
            try {
                PortSpec parsed = PortSpec.parse(spec, mayListen);
                if (mayListen) {
                    parsed.addInbound(table, TCP, EPHEMERAL);
                } else {
                    parsed.addOutbound(table, TCP, EPHEMERAL);
                }
            } catch (RuleException e) {
                assertFalse(e.getMessage().isEmpty());
            }
            assertOrderly(table.build());
        }
    }

    private static void assertOrderly(RuleTable table) {
        assertTrue(table.size() <= RuleTable.MAX_RULES);
        for (int i = 0; i < table.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertFalse(table.rule(i).conflictsWith(table.rule(j)));
            }
        }
    }

    @Property(tries = 3000)
    void neverThrowsAnythingButItsOwn(@ForAll("tokens") String spec) {
        tryAll(spec);
    }

    @Property(tries = 1000)
    void neverThrowsAnythingButItsOwnForAnyText(@ForAll String spec) {
        tryAll(spec);
    }

    @Provide
    Arbitrary<List<Item>> items() {
        var item = Arbitraries.integers().between(0, 15).flatMap(slot ->
            Arbitraries.integers().between(0, 63).flatMap(from ->
                Arbitraries.integers().between(from, 63).flatMap(to ->
                    Arbitraries.integers().between(-30, 1000).map(shift -> new Item(
                        new PortRange(100 + 64 * slot + from, 100 + 64 * slot + to), shift)))));
        return item.list().ofMinSize(1).ofMaxSize(6)
            .uniqueElements(one -> (one.ports().first() - 100) / 64);
    }

    @Provide
    Arbitrary<List<PortRange>> exclusions() {
        return Arbitraries.integers().between(0, 1200).flatMap(first ->
            Arbitraries.integers().between(first, first + 40)
                .map(last -> new PortRange(first, last))).list().ofMaxSize(12);
    }

    @Property(tries = 500)
    void forwardsIncludedPortsThatAreNotExcluded(@ForAll("items") List<Item> items,
            @ForAll("exclusions") List<PortRange> exclusions) {
        var spec = new StringBuilder();
        int[] expected = new int[PortRange.MAX_PORT + 1];
        for (Item item : items) {
            spec.append(spec.isEmpty() ? "" : ",").append(item.text());
            for (int port = item.ports().first(); port <= item.ports().last(); port++) {
                expected[port] = port + item.shift();
            }
        }
        for (PortRange range : exclusions) {
            spec.append(",~").append(range.first()).append('-').append(range.last());
            Arrays.fill(expected, range.first(), range.last() + 1, 0);
        }
        compare(spec.toString(), expected);
    }

    @Property(tries = 300)
    void forwardsAllOthersIfNoneIsIncluded(@ForAll("exclusions") List<PortRange> exclusions) {
        var spec = new StringBuilder("all");
        var excluded = new BitSet();
        excluded.set(EPHEMERAL.first(), EPHEMERAL.last() + 1);
        for (PortRange range : exclusions) {
            spec.append(",~").append(range.first()).append('-').append(range.last());
            excluded.set(range.first(), range.last() + 1);
        }
        int[] expected = new int[PortRange.MAX_PORT + 1];
        for (int port = 1; port <= PortRange.MAX_PORT; port++) {
            expected[port] = excluded.get(port) ? 0 : port;
        }
        compare(spec.toString(), expected);
    }

    /** Each port leads where expected, by one rule only; 0 says nowhere. */
    private static void compare(String spec, int[] expected) {
        var builder = new RuleTable.Builder(ALL);
        PortSpec.parse(spec, true).addInbound(builder, TCP, EPHEMERAL);
        RuleTable table = builder.build();
        assertOrderly(table);
        int[] targets = new int[PortRange.MAX_PORT + 1];
        for (int i = 0; i < table.size(); i++) {
            ForwardRule rule = table.rule(i);
            for (int port = rule.firstPort(); port <= rule.lastPort(); port++) {
                assertEquals(0, targets[port], "twice");
                targets[port] = rule.targetOf(port);
            }
        }
        assertEquals(-1, Arrays.mismatch(expected, targets), spec);
    }
}
