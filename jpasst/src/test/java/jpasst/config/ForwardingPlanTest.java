// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import jpasst.forward.Addresses;
import jpasst.forward.PortRange;
import jpasst.forward.RuleCapabilities;
import jpasst.forward.Rules;
import jpasst.log.Log;
import jpasst.testing.NetworkSandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardingPlanTest {
    private static final PortRange EPHEMERAL = new PortRange(3, 65535);

    private final List<String> messages = new ArrayList<>();
    private final Log log = new Log((level, sinceStartNs, message) -> messages.add(message));

    private static Settings settings(String line) {
        var words = line.isEmpty() ? new String[0] : line.split(" +");
        return CommandLine.parse("pasta", words).settings();
    }

    private static Addresses bothFamilies(Log log) {
        var addresses = new Addresses(log);
        addresses.v4().templateIndex(2);
        addresses.v6().templateIndex(2);
        return addresses;
    }

    private Rules rules(String line, boolean interfaceNames) {
        var settings = settings(line);
        var may = ForwardingPlan.capabilities(settings, bothFamilies(log), interfaceNames);
        return ForwardingPlan.of(settings, may, EPHEMERAL, log);
    }

    private List<String> banner(Rules rules) {
        Banner.show(rules, Mode.PASTA, log);
        return messages;
    }

    @Test
    void followsAllPortsByDefault() {
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "    TCP [*]:1-2  =>  1-2  (best effort) (auto-scan)",
                "    UDP [*]:1-2  =>  1-2  (best effort) (auto-scan)",
                "Outbound forwarding rules (SPLICE):",
                "    TCP [*]%lo:1-2  =>  1-2  (best effort) (auto-scan)",
                "    UDP [*]%lo:1-2  =>  1-2  (best effort) (auto-scan)"),
                banner(rules("", true)));
    }

    @Test
    void forwardsNothingByDefaultInPasst() {
        var passt = CommandLine.parse("passt", new String[0]).settings();
        var may = ForwardingPlan.capabilities(passt, bothFamilies(log), true);
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "Outbound forwarding rules (SPLICE):"),
                banner(ForwardingPlan.of(passt, may, EPHEMERAL, log)));
    }

    @Test
    void forwardsWhatItIsTold() {
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "    UDP [::1]:53  =>  53 ",
                "    TCP [*]:22  =>  2222 ",
                "    TCP [*]:23  =>  23 ",
                "Outbound forwarding rules (SPLICE):",
                "    UDP [*]%lo:123  =>  123 "),
                banner(rules("-u ::1/53 -t 22:2222 -U 123 -t 23 -T none", true)));
    }

    @Test
    void decidesAfterAllOtherOptions() {
        var settings = settings("-t 22 -u none -T none -U none -4");
        var addresses = new Addresses(log);
        addresses.v4().templateIndex(2);
        var may = ForwardingPlan.capabilities(settings, addresses, true);
        assertEquals(List.of("Inbound forwarding rules (HOST):", "    TCP [0.0.0.0]:22  =>  22 ",
                "Outbound forwarding rules (SPLICE):"),
                banner(ForwardingPlan.of(settings, may, EPHEMERAL, log)));
    }

    @Test
    void doesWithoutProtocolsThatAreTurnedOff() {
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "    UDP [*]:1-2  =>  1-2  (best effort) (auto-scan)",
                "Outbound forwarding rules (SPLICE):",
                "    UDP [*]%lo:1-2  =>  1-2  (best effort) (auto-scan)"),
                banner(rules("--no-tcp", true)));
        var none = rules("--no-tcp --no-udp -t none", true);
        assertEquals(0, none.host().size() + none.splice().size());
    }

    @Test
    void doesWithoutFamilies() {
        var settings = settings("");
        var rules = ForwardingPlan.of(settings,
                ForwardingPlan.capabilities(settings, new Addresses(log), true), EPHEMERAL, log);
        assertEquals(0, rules.host().size() + rules.splice().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            --no-tcp -t 22;    -t: cannot add rule 'TCP [*]:22  =>  22': TCP is not enabled
            --no-udp -U 22;    -U: cannot add rule 'UDP [*]%lo:22  =>  22': UDP is not enabled
            -t 0;              -t: cannot add rule 'TCP [*]:0  =>  0': \
            its ports are not from 1 to 65535
            --tcp-ports 22 -t 20-30; -t: cannot add rule 'TCP [*]:20-30  =>  20-30': \
            it conflicts with 'TCP [*]:22  =>  22'
            -t 22 -t none;     -t: 'none' conflicts with the ports of previous options
            -T 22 -T none;     -T: 'none' conflicts with the ports of previous options
            """)
    void refusesInOneLine(String line, String message) {
        assertEquals(message,
                assertThrows(ConfigurationException.class, () -> rules(line, true)).getMessage());
    }

    @Test
    void takesNoneBeforePorts() {
        assertEquals(1, rules("-t none -t 22 -u none", true).host().size());
        assertEquals(0, rules("-t none -u none", true).host().size());
    }

    @Test
    void listensOnLoopbackAddressesWithoutDeviceBinding() {
        var rules = rules("-t none -u none -T 22 -U none", false);
        assertEquals(List.of("cannot listen on one interface only (that takes Linux 5.7 or"
                + " CAP_NET_RAW): -T and -U listen on 127.0.0.1 and ::1 in the namespace"),
                messages);
        messages.clear();
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "Outbound forwarding rules (SPLICE):", "    TCP [127.0.0.1]:22  =>  22 ",
                "    TCP [::1]:22  =>  22 "), banner(rules));
    }

    @Test
    void warnsOfNothingWithoutOutboundRules() {
        rules("-t 22 -T none -U none", false);
        assertEquals(List.of(), messages);
    }

    @Test
    void refusesInterfacesWithoutDeviceBinding() {
        var refused = assertThrows(ConfigurationException.class,
                () -> rules("-t %lo/22 -T none -U none", false));
        assertEquals("-t: cannot add rule 'TCP [*]%lo:22  =>  22':"
                + " listening on one interface only takes Linux 5.7 or CAP_NET_RAW",
                refused.getMessage());
    }

    @Test
    void asksForWhatTheOptionsLeave() {
        var addresses = new Addresses(log);
        addresses.v6().templateIndex(-1);
        assertEquals(new RuleCapabilities(false, true, false, true, true, false),
                ForwardingPlan.capabilities(settings("--no-tcp"), addresses, false));
    }

    @Test
    void findsOutWhatTheHostHas() throws Exception {
        var rules = NetworkSandbox.run(() -> {
            NetworkSandbox.sysctl("net/ipv4/ip_local_port_range", "20000 60000");
            return ForwardingPlan.discover(settings("-u none -T 22 -U none"), bothFamilies(log),
                    log);
        });
        assertEquals(List.of("Inbound forwarding rules (HOST):",
                "    TCP [*]:1-19999  =>  1-19999  (best effort) (auto-scan)",
                "    TCP [*]:60001-65535  =>  60001-65535  (best effort) (auto-scan)",
                "Outbound forwarding rules (SPLICE):", "    TCP [*]%lo:22  =>  22 "),
                banner(rules));
    }
}
