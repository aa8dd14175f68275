// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What comes to sockets of the host and of the namespace. The host is 10.99.0.1 and fd99::1, its
 * gateway 10.99.0.2 and fe80::2; so is the guest's. Port 80 leads to 8080, over both protocols.
 */
class ForwardingBySocketsTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final SplicePolicy DEFAULT = new SplicePolicy(true, false, false);
    private static final SplicePolicy TO_LOOPBACK = new SplicePolicy(true, true, false);
    private static final SplicePolicy SPLICE_ONLY = new SplicePolicy(true, true, true);

    private final RecordingDestination logged = new RecordingDestination();
    private final Log log = new Log(logged).level(Level.DEBUG);
    private final Addresses addresses = new Addresses(log);
    private final FamilyAddresses v4 = addresses.v4();
    private final FamilyAddresses v6 = addresses.v6();

    private static IpAddress ip(String text) {
        return text == null || text.equals("*") ? null : IpAddress.parse(text);
    }

    @BeforeEach
    void takeTheDefaults() {
        v4.templateIndex(2).address(ip("10.99.0.1")).guestGateway(ip("10.99.0.2"))
            .ourTapAddress(ip("10.99.0.2")).mapHostLoopback(ip("10.99.0.2"));
        v6.templateIndex(2).address(ip("fd99::1")).guestGateway(ip("fe80::2"))
            .ourTapAddress(ip("fe80::2")).mapHostLoopback(ip("fe80::2"));
        addresses.learnV6(ip("fe80::99").high(), ip("fe80::99").low());
    }

    private static SplicePolicy policy(String options) {
        return switch (options) {
            case "default" -> DEFAULT;
            case "host-lo-to-ns-lo" -> TO_LOOPBACK;
            case "no-splice" -> SplicePolicy.NONE;
            case "splice-only" -> SPLICE_ONLY;
            default -> throw new IllegalArgumentException(options);
        };
    }

    private static RuleTable table(String listen, String target) {
        return new RuleTable(List.of(
            new ForwardRule(TCP, ip(listen), null, 80, 89, 8080, ip(target), false, false),
            new ForwardRule(UDP, ip(listen), null, 80, 89, 8080, ip(target), false, false)));
    }

    /** "pif our our-port -> endpoint endpoint-port" of the target, or "refused". */
    private String choose(SplicePolicy policy, Rules rules, Pif from, int protocol, String peer,
            String our, int ourPort) {
        var forwarding = new Forwarding(addresses, policy, log);
        forwarding.rules(rules);
        assertSame(rules, forwarding.rules());
        var side = new FlowSide().set(ip(peer).high(), ip(peer).low(), 40000, ip(our).high(),
            ip(our).low(), ourPort);
        var target = new FlowSide();
        Pif pif = forwarding.choose(from, side, protocol, 0, target);
        return pif == Pif.NONE ? "refused" : pif + " "
            + Ip.text(target.ourHigh(), target.ourLow()) + " " + target.ourPort() + " -> "
            + Ip.text(target.endpointHigh(), target.endpointLow()) + " " + target.endpointPort();
    }

    private String fromHost(SplicePolicy policy, int protocol, String peer, String our) {
        return choose(policy, new Rules(table("*", null), RuleTable.EMPTY), Pif.HOST, protocol,
            peer, our, 81);
    }

    private String fromHost(String peer, String our) {
        return fromHost(DEFAULT, TCP, peer, our);
    }

    private String toAddress(SplicePolicy policy, String listen, String target, String peer,
            String our) {
        return choose(policy, new Rules(table(listen, target), RuleTable.EMPTY), Pif.HOST, TCP,
            peer, our, 81);
    }

    private String fromSplice(RuleTable table, int protocol, String peer, String our) {
        return choose(DEFAULT, new Rules(RuleTable.EMPTY, table), Pif.SPLICE, protocol, peer, our,
            81);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            default,          127.0.0.1,  127.0.0.1, SPLICE 0.0.0.0 0 -> 10.99.0.1 8081
            default,          127.0.0.1,  127.0.0.5, SPLICE 0.0.0.0 0 -> 10.99.0.1 8081
            default,          127.0.0.9,  127.0.0.1, SPLICE 0.0.0.0 0 -> 10.99.0.1 8081
            default,          ::1,        ::1,       SPLICE :: 0 -> fd99::1 8081
            default,          10.99.0.1,  10.99.0.1, TAP 10.99.0.2 40000 -> 10.99.0.1 8081
            default,          192.0.2.7,  10.99.0.1, TAP 192.0.2.7 40000 -> 10.99.0.1 8081
            default,          fd99::1,    fd99::1,   TAP fe80::2 40000 -> fe80::99 8081
            default,          2001:db8::7, fd99::1,  TAP 2001:db8::7 40000 -> fd99::1 8081
            default,          fe80::7,    fe80::1,   TAP fe80::7 40000 -> fe80::99 8081
            host-lo-to-ns-lo, 127.0.0.1,  127.0.0.1, SPLICE 0.0.0.0 0 -> 127.0.0.1 8081
            host-lo-to-ns-lo, 127.0.0.1,  127.0.0.5, SPLICE 0.0.0.0 0 -> 127.0.0.5 8081
            host-lo-to-ns-lo, ::1,        ::1,       SPLICE :: 0 -> ::1 8081
            host-lo-to-ns-lo, 127.0.0.1,  10.99.0.1, SPLICE 0.0.0.0 0 -> 10.99.0.1 8081
            host-lo-to-ns-lo, 192.0.2.7,  10.99.0.1, TAP 192.0.2.7 40000 -> 10.99.0.1 8081
            no-splice,        127.0.0.1,  127.0.0.1, TAP 10.99.0.2 40000 -> 10.99.0.1 8081
            no-splice,        127.0.0.5,  127.0.0.1, TAP 10.99.0.2 40000 -> 10.99.0.1 8081
            no-splice,        ::1,        ::1,       TAP fe80::2 40000 -> fe80::99 8081
            splice-only,      127.0.0.1,  127.0.0.1, SPLICE 0.0.0.0 0 -> 127.0.0.1 8081
            splice-only,      127.0.0.1,  127.0.0.5, SPLICE 0.0.0.0 0 -> 127.0.0.5 8081
            splice-only,      192.0.2.7,  10.99.0.1, refused
            splice-only,      10.99.0.1,  10.99.0.1, refused
            splice-only,      fd99::1,    fd99::1,   refused
            """)
    void takesInboundConnections(String options, String peer, String our, String target) {
        assertEquals(target, fromHost(policy(options), TCP, peer, our));
    }

    @Test
    void keepsTheSourcePortOfDatagramsEverywhere() {
        assertEquals("SPLICE 0.0.0.0 40000 -> 10.99.0.1 8081",
            fromHost(DEFAULT, UDP, "127.0.0.1", "127.0.0.1"));
        assertEquals("TAP 192.0.2.7 40000 -> 10.99.0.1 8081",
            fromHost(DEFAULT, UDP, "192.0.2.7", "10.99.0.1"));
        assertEquals("HOST 127.0.0.1 40000 -> 127.0.0.1 8081",
            fromSplice(table("*", null), UDP, "127.0.0.1", "127.0.0.1"));
    }

    @Test
    void passesOnMulticastAsItIs() {
        assertEquals("TAP 192.0.2.7 40000 -> 224.0.0.251 8081",
            fromHost(DEFAULT, UDP, "192.0.2.7", "224.0.0.251"));
        assertEquals("TAP fe80::7 40000 -> ff02::fb 8081",
            fromHost(DEFAULT, UDP, "fe80::7", "ff02::fb"));
    }

    @Test
    void reachesTheGuestWhereItWasLastSeen() {
        addresses.learnV4(ip("10.99.0.44").v4());
        addresses.learnV6(ip("fd99::44").high(), ip("fd99::44").low());
        assertEquals("TAP 192.0.2.7 40000 -> 10.99.0.44 8081", fromHost("192.0.2.7", "10.99.0.1"));
        assertEquals("SPLICE 0.0.0.0 0 -> 10.99.0.44 8081", fromHost("127.0.0.1", "127.0.0.1"));
        assertEquals("TAP 2001:db8::7 40000 -> fd99::44 8081", fromHost("2001:db8::7", "fd99::1"));
        assertEquals("SPLICE :: 0 -> fd99::44 8081", fromHost("::1", "::1"));
    }

    @Test
    void goesWhereTheRuleSaysAndOverTheTapThen() {
        for (SplicePolicy policy : new SplicePolicy[] {DEFAULT, TO_LOOPBACK, SplicePolicy.NONE}) {
            assertEquals("TAP 192.0.2.7 40000 -> 10.1.1.1 8081",
                toAddress(policy, "0.0.0.0", "10.1.1.1", "192.0.2.7", "10.99.0.1"));
            assertEquals("TAP 10.99.0.2 40000 -> 10.1.1.1 8081",
                toAddress(policy, "0.0.0.0", "10.1.1.1", "127.0.0.1", "127.0.0.1"));
            assertEquals("TAP 2001:db8::7 40000 -> fd00::1 8081",
                toAddress(policy, "::", "fd00::1", "2001:db8::7", "fd99::1"));
        }
        assertEquals("refused",
            toAddress(SPLICE_ONLY, "0.0.0.0", "10.1.1.1", "127.0.0.1", "127.0.0.1"));
    }

    @Test
    void showsLoopbackAsItsMappingOrAsUs() {
        v4.mapHostLoopback(ip("192.0.2.77"));
        assertEquals("TAP 192.0.2.77 40000 -> 10.99.0.1 8081",
            fromHost(SplicePolicy.NONE, TCP, "127.0.0.1", "127.0.0.1"));
        assertEquals("TAP 10.99.0.2 40000 -> 10.99.0.1 8081",
            fromHost(SplicePolicy.NONE, TCP, "127.0.0.5", "127.0.0.1"));
        v4.mapHostLoopback(null);
        assertEquals("TAP 10.99.0.2 40000 -> 10.99.0.1 8081",
            fromHost(SplicePolicy.NONE, TCP, "127.0.0.1", "127.0.0.1"));
    }

    @Test
    void showsTheHostsOwnAddressAsTheGuestMapping() {
        v4.mapGuestAddress(ip("192.0.2.78"));
        v6.mapGuestAddress(ip("2001:db8::78"));
        assertEquals("TAP 192.0.2.78 40000 -> 10.99.0.1 8081", fromHost("10.99.0.1", "10.99.0.1"));
        assertEquals("TAP 2001:db8::78 40000 -> fd99::1 8081", fromHost("fd99::1", "fd99::1"));
    }

    @Test
    void prefersTheGatewayAsLastResortIfItsScopeFits() {
        v6.mapHostLoopback(null).guestGateway(ip("fd99::77"));
        assertEquals("TAP fd99::77 40000 -> fd99::1 8081",
            fromHost(SplicePolicy.NONE, TCP, "::1", "::1"));
        assertEquals("TAP fd99::77 40000 -> fd00::1 8081",
            toAddress(SplicePolicy.NONE, "::", "fd00::1", "::1", "::1"));
        assertEquals("TAP fe80::2 40000 -> fe80::5 8081",
            toAddress(SplicePolicy.NONE, "::", "fe80::5", "::1", "::1"));
        v6.guestGateway(ip("fe80::77"));
        assertEquals("TAP fe80::77 40000 -> fe80::99 8081",
            fromHost(SplicePolicy.NONE, TCP, "::1", "::1"));
        assertEquals("TAP fe80::2 40000 -> fd00::1 8081",
            toAddress(SplicePolicy.NONE, "::", "fd00::1", "::1", "::1"));
    }

    @Test
    void refusesWhatItCannotShowToTheGuest() {
        v4.ourTapAddress(null).guestGateway(null).mapHostLoopback(null);
        assertEquals("refused", fromHost(SplicePolicy.NONE, TCP, "127.0.0.1", "127.0.0.1"));
        assertEquals("no address to show to the guest for what comes from HOST"
            + " [127.0.0.1]:40000 -> [127.0.0.1]:81", logged.lines().getLast());
        assertEquals("TAP 192.0.2.7 40000 -> 10.99.0.1 8081", fromHost("192.0.2.7", "10.99.0.1"));
    }

    @Test
    void refusesWhatItCannotReachTheGuestWith() {
        v4.address(null);
        String reason = "no address of the guest to forward to from HOST";
        assertEquals("refused", fromHost("127.0.0.1", "127.0.0.1"));
        assertTrue(logged.lines().getLast().startsWith(reason), logged.lines().getLast());
        assertEquals("refused", fromHost("192.0.2.7", "10.99.0.1"));
        assertTrue(logged.lines().getLast().startsWith(reason), logged.lines().getLast());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            127.0.0.1, 127.0.0.1, HOST 127.0.0.1 0 -> 127.0.0.1 8081
            127.0.0.1, 127.0.0.5, HOST 127.0.0.1 0 -> 127.0.0.5 8081
            127.0.0.9, 127.0.0.5, HOST 127.0.0.9 0 -> 127.0.0.5 8081
            ::1,       ::1,       HOST ::1 0 -> ::1 8081
            10.99.0.1, 127.0.0.1, refused
            127.0.0.1, 10.99.0.1, refused
            10.99.0.1, 10.99.0.1, refused
            fd99::1,   ::1,       refused
            fe80::1,   fe80::1,   refused
            """)
    void takesOutboundConnectionsFromLoopbackToLoopback(String peer, String our, String target) {
        assertEquals(target, fromSplice(table("*", null), TCP, peer, our));
    }

    @Test
    void goesOutToTheAddressARuleNames() {
        assertEquals("HOST 127.0.0.1 0 -> 127.0.0.9 8081",
            fromSplice(table("0.0.0.0", "127.0.0.9"), TCP, "127.0.0.1", "127.0.0.3"));
        assertEquals("HOST 0.0.0.0 0 -> 192.0.2.9 8081",
            fromSplice(table("0.0.0.0", "192.0.2.9"), TCP, "127.0.0.1", "127.0.0.3"));
    }

    @Test
    void goesOutFromTheOutboundAddressUnlessItStaysOnTheLoopback() {
        v4.outboundAddress(ip("10.99.0.7"));
        assertEquals("HOST 10.99.0.7 0 -> 192.0.2.9 8081",
            fromSplice(table("0.0.0.0", "192.0.2.9"), TCP, "127.0.0.1", "127.0.0.3"));
        assertEquals("HOST 10.99.0.7 40000 -> 192.0.2.9 8081",
            fromSplice(table("0.0.0.0", "192.0.2.9"), UDP, "127.0.0.1", "127.0.0.3"));
        assertEquals("HOST 127.0.0.1 0 -> 127.0.0.9 8081",
            fromSplice(table("0.0.0.0", "127.0.0.9"), TCP, "127.0.0.1", "127.0.0.3"));
        assertEquals("HOST 127.0.0.1 0 -> 127.0.0.3 8081",
            fromSplice(table("*", null), TCP, "127.0.0.1", "127.0.0.3"));
    }

    @Test
    void goesOutWithoutSplicingInbound() {
        assertEquals("HOST 127.0.0.1 0 -> 127.0.0.1 8081", choose(SplicePolicy.NONE,
            new Rules(RuleTable.EMPTY, table("*", null)), Pif.SPLICE, TCP, "127.0.0.1",
            "127.0.0.1", 81));
    }

    @Test
    void refusesWhatNoRuleIsFor() {
        var rules = new Rules(table("127.0.0.1", null), table("127.0.0.1", null));
        for (Pif pif : new Pif[] {Pif.HOST, Pif.SPLICE}) {
            assertEquals("refused",
                choose(DEFAULT, rules, pif, TCP, "127.0.0.1", "127.0.0.2", 81));
            assertEquals("no rules to forward from " + pif
                + " [127.0.0.1]:40000 -> [127.0.0.2]:81", logged.lines().getLast());
            assertEquals("refused", choose(DEFAULT, rules, pif, TCP, "127.0.0.1", "127.0.0.1", 90));
            assertEquals("refused", choose(DEFAULT, rules, pif, 1, "127.0.0.1", "127.0.0.1", 81));
        }
    }
}
