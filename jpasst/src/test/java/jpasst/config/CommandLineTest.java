// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.config.NamespaceOptions.Target;
import jpasst.forward.SplicePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private static Settings settings(String line) {
        return CommandLine.parse("pasta", words(line)).settings();
    }

    private static String refusal(String line) {
        return assertThrows(ConfigurationException.class,
                () -> CommandLine.parse("pasta", words(line))).getMessage();
    }

    private static String[] words(String line) {
        return line.isEmpty() ? new String[0] : line.split(" ");
    }

    @Test
    void chooseDefaultsForAnEmptyCommandLine() {
        var settings = settings("");
        assertEquals(65520, settings.addresses().mtu());
        assertEquals(0x9a559a559a55L, settings.addresses().ourMac());
        assertTrue(settings.addresses().mapGateway());
        assertTrue(settings.addresses().v4().enabled());
        assertTrue(settings.addresses().v6().enabled());
        assertNull(settings.addresses().v4().address());
        assertEquals(-1, settings.addresses().v4().prefixLength());
        assertEquals(new ProtocolOptions(true, true, true), settings.protocols());
        assertEquals(Target.SHELL, settings.namespace().target());
        assertEquals(-1, settings.namespace().macAddress());
        assertFalse(settings.namespace().configure());
        assertNull(settings.captureFile());
        assertEquals(List.of(), settings.warnings());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '',                     SHELL
            -f,                     SHELL
            ls,                     COMMAND
            -- 12x,                 COMMAND
            12 34,                  COMMAND
            1234,                   PROCESS
            -- 1234,                PROCESS
            --netns /x,             PATH
            """)
    void takesTheTargetFromTheOperands(String line, Target target) {
        assertEquals(target, settings(line).namespace().target());
    }

    @Test
    void leavesTheCommandItsOwnOptions() {
        var namespace = settings("-f curl -d --bogus").namespace();
        assertEquals(List.of("curl", "-d", "--bogus"), namespace.command());
    }

    @Test
    void readsThePid() {
        assertEquals(1234, settings("1234").namespace().pid());
        assertEquals("invalid PID: 0", refusal("0"));
        assertEquals("invalid PID: 99999999999", refusal("99999999999"));
    }

    @Test
    void findsNamedNamespaces() {
        assertEquals("/run/netns/blue", settings("--netns blue").namespace().netnsPath());
        assertEquals("./blue", settings("--netns ./blue").namespace().netnsPath());
    }

    @Test
    void staysInItsUserNamespaceForAPath() {
        assertTrue(settings("--netns x").namespace().netnsOnly());
        assertFalse(settings("--netns x --userns y").namespace().netnsOnly());
    }

    @Test
    void letsTheLaterOfUsernsAndNetnsOnlyWin() {
        var last = settings("--netns-only --userns y 1").namespace();
        assertEquals("y", last.usernsPath());
        assertFalse(last.netnsOnly());
        last = settings("--userns y --netns-only 1").namespace();
        assertNull(last.usernsPath());
        assertTrue(last.netnsOnly());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            -f 1,   true
            1,      false
            true,   true
            '',     true
            --netns x,    false
            --netns x -f, true
            """)
    void goesToTheBackgroundOnlyWithAnExistingNamespace(String line, boolean foreground) {
        assertEquals(foreground, settings(line).process().foreground());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            1,              false, false, false
            ls,             false, false, false
            -d ls,          true,  false, false
            --trace ls,     true,  true,  false
            -q 1,           false, false, true
            -d -q 1,        false, false, true
            --trace -q 1,   false, false, true
            -q -d 1,        true,  false, false
            -q --trace 1,   true,  true,  false
            """)
    void letsTheLastOfDebugAndQuietWin(String line, boolean debug, boolean trace, boolean quiet) {
        var log = settings(line).log();
        assertEquals(debug, log.debug());
        assertEquals(trace, log.trace());
        assertEquals(quiet, log.quiet());
    }

    @ParameterizedTest
    @CsvSource({"-4,true,false", "-6,false,true", "-4 -6,false,true", "-64,true,false"})
    void letsTheLastFamilyWin(String line, boolean v4, boolean v6) {
        var addresses = settings(line).addresses();
        assertEquals(v4, addresses.v4().enabled());
        assertEquals(v6, addresses.v6().enabled());
    }

    @Test
    void takesOneAddressOfEachFamily() {
        var addresses = settings("-a 192.0.2.1 -a 2001:db8::1/64 -a 192.0.2.2/24").addresses();
        assertEquals(IpAddress.parse("192.0.2.2"), addresses.v4().address());
        assertEquals(24, addresses.v4().prefixLength());
        assertEquals(IpAddress.parse("2001:db8::1"), addresses.v6().address());
        assertEquals(-1, addresses.v6().prefixLength());
    }

    @ParameterizedTest
    @CsvSource({"255.255.255.0,24", "255.255.255.255,32", "0.0.0.0,0", "16,16", "0,0", "32,32",
            "128.0.0.0,1"})
    void readsNetmasks(String mask, int length) {
        assertEquals(length, settings("-n " + mask).addresses().v4().prefixLength());
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1500,1500", "0x5dc,1500", "0X5DC,1500", "02734,1500", "65521,65521"})
    void readsNumbersAsCDoes(String text, int mtu) {
        assertEquals(mtu, settings("-m " + text).addresses().mtu());
    }

    @Test
    void warnsOfSmallMtus() {
        assertEquals(1, settings("-m 1279").warnings().size());
        assertEquals(2, settings("-m 67").warnings().size());
        assertEquals(0, settings("-4 -m 1279").warnings().size());
        assertEquals(0, settings("-m 1280").warnings().size());
        assertEquals(0, settings("-m 0").warnings().size());
    }

    @Test
    void readsEveryOtherValue() {
        var all = settings("-M 02:00:00:00:00:01 --ns-mac-addr 02:00:00:00:00:ff -i eth0 -I tap1"
                + " -o 192.0.2.9 -o 2001:db8::9 --outbound-if4 a --outbound-if6 b"
                + " -g 192.0.2.254 -g fe80::1 --map-guest-addr 192.0.2.5"
                + " --map-host-loopback 192.0.2.6 --dns-forward 192.0.2.7 --dns-host 127.0.0.53"
                + " --no-map-gw --no-tcp --no-udp --no-icmp -p cap -P pid --runas u:g"
                + " --config-net -t none -u none -T none -U none");
        var addresses = all.addresses();
        assertEquals(0x020000000001L, addresses.ourMac());
        assertEquals(0x0200000000ffL, all.namespace().macAddress());
        assertEquals("eth0", addresses.templateInterface());
        assertEquals("tap1", all.namespace().interfaceName());
        assertEquals(IpAddress.parse("192.0.2.9"), addresses.v4().outboundAddress());
        assertEquals(IpAddress.parse("2001:db8::9"), addresses.v6().outboundAddress());
        assertEquals("a", addresses.v4().outboundInterface());
        assertEquals("b", addresses.v6().outboundInterface());
        assertEquals(IpAddress.parse("192.0.2.254"), addresses.v4().gateway());
        assertEquals(IpAddress.parse("fe80::1"), addresses.v6().gateway());
        assertEquals(IpAddress.parse("192.0.2.5"), addresses.v4().mapGuestAddress());
        assertEquals(IpAddress.parse("192.0.2.6"), addresses.v4().mapHostLoopback());
        assertEquals(IpAddress.parse("192.0.2.7"), addresses.v4().dnsForward());
        assertEquals(IpAddress.parse("127.0.0.53"), addresses.v4().dnsHost());
        assertFalse(addresses.mapGateway());
        assertEquals(new ProtocolOptions(false, false, false), all.protocols());
        assertEquals("cap", all.captureFile());
        assertEquals(new ProcessOptions(true, "pid", "u:g", false), all.process());
        assertTrue(all.namespace().configure());
    }

    @Test
    void mapsNothingWithNone() {
        var addresses = settings("--map-host-loopback 192.0.2.6 --map-guest-addr 192.0.2.5"
                + " --map-host-loopback none --map-guest-addr none").addresses();
        assertNull(addresses.v4().mapHostLoopback());
        assertNull(addresses.v4().mapGuestAddress());
        assertFalse(addresses.mapGateway());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            -a 192.0.2.1/24 -n 24;  redundant prefix length: both in --address and by --netmask
            -n 24 -a 192.0.2.1/24;  redundant prefix length: both in --address and by --netmask
            -a 127.0.0.1;           invalid address for --address: 127.0.0.1
            -a 224.0.0.1;           invalid address for --address: 224.0.0.1
            -a 255.255.255.255;     invalid address for --address: 255.255.255.255
            -a 0.0.0.0;             invalid address for --address: 0.0.0.0
            -a ::;                  invalid address for --address: ::
            -a ::1;                 invalid address for --address: ::1
            -a ff02::1;             invalid address for --address: ff02::1
            -a ::ffff:192.0.2.1;    invalid address for --address: ::ffff:192.0.2.1
            -a host;                invalid address for --address: host
            -a 192.0.2.1/33;        invalid address: 192.0.2.1/33 (prefix length 0 to 32)
            -a 192.0.2.1/;          invalid address: 192.0.2.1/ (prefix length 0 to 32)
            -a 192.0.2.1/0x8;       invalid address: 192.0.2.1/0x8 (prefix length 0 to 32)
            -a 2001:db8::1/129;     invalid address: 2001:db8::1/129 (prefix length 0 to 128)
            -n 33;                  invalid netmask: 33 (a contiguous mask, or 0 to 32)
            -n 255.0.255.0;         invalid netmask: 255.0.255.0 (a contiguous mask, or 0 to 32)
            -n ffff::;              invalid netmask: ffff:: (a contiguous mask, or 0 to 32)
            -g 127.0.0.1;           invalid address for --gateway: 127.0.0.1
            -g ::;                  invalid address for --gateway: ::
            -g 255.255.255.255;     invalid address for --gateway: 255.255.255.255
            -m 65522;               invalid MTU: 65522 (0 to 65521)
            -m -1;                  invalid MTU: -1 (0 to 65521)
            -m 08;                  invalid MTU: 08 (0 to 65521)
            -m 0x;                  invalid MTU: 0x (0 to 65521)
            -m 1500x;               invalid MTU: 1500x (0 to 65521)
            -M 1:2:3:4:5:6;         invalid MAC address: 1:2:3:4:5:6 (xx:xx:xx:xx:xx:xx, of \
            one interface)
            -M 02-00-00-00-00-01;   invalid MAC address: 02-00-00-00-00-01 (xx:xx:xx:xx:xx:xx, of \
            one interface)
            -M 02:00:00:00:00:0g;   invalid MAC address: 02:00:00:00:00:0g (xx:xx:xx:xx:xx:xx, of \
            one interface)
            -o 0.0.0.0;             invalid address for --outbound: 0.0.0.0
            -o 255.255.255.255;     invalid address for --outbound: 255.255.255.255
            -o 239.0.0.1;           invalid address for --outbound: 239.0.0.1
            -o ::1;                 invalid address for --outbound: ::1
            -o ::192.0.2.1;         invalid address for --outbound: ::192.0.2.1
            -o ::ffff:192.0.2.1;    invalid address for --outbound: ::ffff:192.0.2.1
            --dns-forward 127.0.0.1;        invalid address for --dns-forward: 127.0.0.1
            --dns-host 0.0.0.0;             invalid address for --dns-host: 0.0.0.0
            --map-host-loopback 127.0.0.1;  invalid address for --map-host-loopback: 127.0.0.1
            --map-guest-addr ff02::1;       invalid address for --map-guest-addr: ff02::1
            --netns x 1;            both --netns and a PID or command given
            --netns x ls;           both --netns and a PID or command given
            --netns=;               --netns needs a path
            -t x;                   -t: invalid port specifier 'x': see SPEC in --help
            --udp-ns=,;             -U: invalid port specifier ',': '' is not understood, \
            see SPEC in --help
            -T %lo/22;              -T: invalid port specifier '%lo/22': no listening address is \
            allowed here
            --no-splice --host-lo-to-ns-lo; --no-splice contradicts --host-lo-to-ns-lo
            --host-lo-to-ns-lo --no-splice; --no-splice contradicts --host-lo-to-ns-lo
            --splice-only --no-splice;      --no-splice contradicts --splice-only
            -s x;                   option -s is for passt only
            --vhost-user;           option --vhost-user is not supported yet
            -c x;                   option -c is not supported yet
            --conf-p=x;             option --conf-path is not supported yet
            """)
    void refusesInOneLine(String line, String message) {
        assertEquals(message, refusal(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"abcdefghijklmnop", "a/b", ".", "..", ""})
    void refusesNamesNoInterfaceCanHave(String name) {
        var refused = assertThrows(ConfigurationException.class,
                () -> CommandLine.parse("pasta", new String[] {"-I", name}));
        assertTrue(refused.getMessage().startsWith("invalid interface name: "));
    }

    @ParameterizedTest
    @EnumSource
    void eitherRefusesAnOptionByNameOrActsOnIt(Option option) {
        var value = option.takesValue() ? "=" + validValue(option) : "";
        var line = new String[] {"-f", "--config-net", "--" + option.longName() + value};
        if (option.scope().includes(Mode.PASTA) && option.support() != OptionSupport.NOT_YET) {
            assertNotNull(CommandLine.parse("pasta", line));
        } else {
            var refused = assertThrows(ConfigurationException.class,
                    () -> CommandLine.parse("pasta", line));
            assertTrue(refused.getMessage().startsWith("option --" + option.longName() + " is "));
            assertFalse(refused.wantsUsage());
        }
    }

    private static String validValue(Option option) {
        return switch (option) {
            case NETMASK -> "24";
            case MTU -> "1500";
            case LOG_SIZE -> "65536";
            case STATS -> "1";
            case MAC_ADDR, NS_MAC_ADDR -> "02:00:00:00:00:01";
            case TCP_PORTS, UDP_PORTS, TCP_NS, UDP_NS -> "22";
            default -> option.placeholder().startsWith("ADDR") ? "192.0.2.1" : "name";
        };
    }

    @Test
    void collectsPortsInTheirOrder() {
        var ports = settings("-t 22 -Unone --udp-ports=::1/53 -T auto -t 23").forwarding().ports();
        var text = new StringBuilder();
        for (var option : ports) {
            text.append(option.letter()).append(' ').append(option.protocol()).append(' ')
                    .append(option.pif()).append(' ').append(option.ports()).append('\n');
        }
        assertEquals("""
                t 6 HOST 22
                U 17 SPLICE none
                u 17 HOST ::1/53
                T 6 SPLICE auto
                t 6 HOST 23
                """, text.toString());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '',                              true,  false, false, false
            --no-splice,                     false, false, false, false
            --host-lo-to-ns-lo,              true,  true,  false, false
            --splice-only,                   true,  true,  true,  false
            --splice-only --host-lo-to-ns-lo, true, true,  true,  false
            --freebind,                      true,  false, false, true
            """)
    void choosesTheWayOfLoopback(String line, boolean splice, boolean toLoopback, boolean only,
            boolean freebind) {
        var forwarding = settings(line).forwarding();
        assertEquals(new SplicePolicy(splice, toLoopback, only), forwarding.splice());
        assertEquals(freebind, forwarding.freebind());
        assertTrue(forwarding.automatic());
    }

    @Test
    void takesTheModeFromTheName() {
        assertNotNull(CommandLine.parse("pasta.avx2", new String[0]).settings());
        assertEquals(Mode.PASST, CommandLine.parse("passt", new String[0]).settings().mode());
        var neither = assertThrows(ConfigurationException.class,
                () -> CommandLine.parse("cat", new String[0]));
        assertTrue(neither.getMessage().startsWith("cannot determine mode"));
    }

    @Test
    void printsAndStopsAtHelpAndVersion() {
        assertTrue(CommandLine.parse("pasta", words("-f -h --bogus")).text().contains("Usage"));
        var version = CommandLine.parse("pasta", words("--version")).text();
        assertTrue(version.startsWith("pasta " + Version.NUMBER));
        assertTrue(version.contains("Apache License"));
    }
}
