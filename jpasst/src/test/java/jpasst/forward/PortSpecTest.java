// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passt(1) says specifiers mean, and what the original makes of them. */
class PortSpecTest {
    private static final int TCP = 6;
    private static final RuleCapabilities ALL =
        new RuleCapabilities(true, true, true, true, true, true);
    private static final PortRange EPHEMERAL = new PortRange(32768, 60999);

    private static String text(RuleTable table) {
        var text = new StringBuilder();
        for (int i = 0; i < table.size(); i++) {
            text.append(i == 0 ? "" : " | ").append(table.rule(i).toString().strip());
        }
        return text.toString();
    }

    private static String inbound(RuleCapabilities may, String... specs) {
        var table = new RuleTable.Builder(may);
        for (String spec : specs) {
            PortSpec.parse(spec, true).addInbound(table, TCP, EPHEMERAL);
        }
        return text(table.build());
    }

    private static String outbound(RuleCapabilities may, String spec) {
        var table = new RuleTable.Builder(may);
        PortSpec.parse(spec, false).addOutbound(table, TCP, EPHEMERAL);
        return text(table.build());
    }

    private static String refusal(String... specs) {
        return assertThrows(RuleException.class, () -> inbound(ALL, specs)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            2222; TCP [*]:2222  =>  2222
            65535; TCP [*]:65535  =>  65535
            02222; TCP [*]:2222  =>  2222
            2222,2300-2310; TCP [*]:2222  =>  2222 | TCP [*]:2300-2310  =>  2300-2310
            2222:23; TCP [*]:2222  =>  23
            2222-2222:23; TCP [*]:2222  =>  23
            2200-2210:3300-3310; TCP [*]:2200-2210  =>  3300-3310
            60000-65535:1-5536; TCP [*]:60000-65535  =>  1-5536
            1-65535; TCP [*]:1-65535  =>  1-65535
            0.0.0.0/2222:192.0.2.3; TCP [0.0.0.0]:2222  =>  192.0.2.3:2222
            0.0.0.0/2222:192.0.2.3/24; TCP [0.0.0.0]:2222  =>  192.0.2.3:24
            0.0.0.0/2222:[192.0.2.3]/24; TCP [0.0.0.0]:2222  =>  192.0.2.3:24
            0.0.0.0/22-23:192.0.2.3/32-33; TCP [0.0.0.0]:22-23  =>  192.0.2.3:32-33
            ::/2222:fd99::3; TCP [::]:2222  =>  fd99::3:2222
            [::]/2222:fd99::3/24; TCP [::]:2222  =>  fd99::3:24
            ::/2222:[fd99::3]/24; TCP [::]:2222  =>  fd99::3:24
            ::1/2222:::5; TCP [::1]:2222  =>  ::5:2222
            ::1/2222:::5/33; TCP [::1]:2222  =>  ::5:33
            2222:0.0.0.0; TCP [*]:2222  =>  2222
            2222:0.0.0.0/23; TCP [*]:2222  =>  23
            127.0.0.1/2222:[::]/23; TCP [127.0.0.1]:2222  =>  23
            """)
    void forwardsPorts(String spec, String rules) {
        assertEquals(rules, inbound(ALL, spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            127.0.0.1/2222; TCP [127.0.0.1]:2222  =>  2222
            [127.0.0.1]/2222; TCP [127.0.0.1]:2222  =>  2222
            ::ffff:127.0.0.1/2222; TCP [127.0.0.1]:2222  =>  2222
            ::1/2222; TCP [::1]:2222  =>  2222
            [::1]/2222; TCP [::1]:2222  =>  2222
            0.0.0.0/2222; TCP [0.0.0.0]:2222  =>  2222
            ::/2222; TCP [::]:2222  =>  2222
            */2222; TCP [*]:2222  =>  2222
            /2222; TCP [*]:2222  =>  2222
            *%lo/2222; TCP [*]%lo:2222  =>  2222
            %lo/2222; TCP [*]%lo:2222  =>  2222
            127.0.0.1%lo/2222,80; TCP [127.0.0.1]%lo:2222  =>  2222 | TCP [127.0.0.1]%lo:80  =>  80
            ::1%lo/2222; TCP [::1]%lo:2222  =>  2222
            [::1]%lo/2222; TCP [::1]%lo:2222  =>  2222
            fe80::1%123456789012345/2222; TCP [fe80::1]%123456789012345:2222  =>  2222
            127.0.0.1%a,b:c%d/22; TCP [127.0.0.1]%a,b:c%d:22  =>  22
            2222:fd99::1/23; TCP [2222:fd99::1]:23  =>  23
            224.0.0.1/2222; TCP [224.0.0.1]:2222  =>  2222
            """)
    void listensWhereItIsTold(String spec, String rules) {
        assertEquals(rules, inbound(ALL, spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            2000-2010,~2005; TCP [*]:2000-2004  =>  2000-2004 | TCP [*]:2006-2010  =>  2006-2010
            ~2005,2000-2010; TCP [*]:2000-2004  =>  2000-2004 | TCP [*]:2006-2010  =>  2006-2010
            2000-2010:3000-3010,~2005-2006; TCP [*]:2000-2004  =>  3000-3004 | \
            TCP [*]:2007-2010  =>  3007-3010
            2000-2010,~1-2004,~2006-65535; TCP [*]:2005  =>  2005
            2000-2010,~2000,~2010; TCP [*]:2001-2009  =>  2001-2009
            2222,~2222; ''
            2222,~2223; TCP [*]:2222  =>  2222
            1-10,~0-9; TCP [*]:10  =>  10
            ~1-65535; ''
            0-5,~0; TCP [*]:1-5  =>  1-5
            0-5:7-12,~0; TCP [*]:1-5  =>  8-12
            """)
    void leavesOutExclusions(String spec, String rules) {
        assertEquals(rules, inbound(ALL, spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            all; TCP [*]:1-32767  =>  1-32767  (best effort) | \
            TCP [*]:61000-65535  =>  61000-65535  (best effort)
            all,all; TCP [*]:1-32767  =>  1-32767  (best effort) | \
            TCP [*]:61000-65535  =>  61000-65535  (best effort)
            ~5-60000; TCP [*]:1-4  =>  1-4  (best effort) | \
            TCP [*]:61000-65535  =>  61000-65535  (best effort)
            all,~5-60000; TCP [*]:1-4  =>  1-4  (best effort) | \
            TCP [*]:61000-65535  =>  61000-65535  (best effort)
            127.0.0.6/all:192.0.2.6; \
            TCP [127.0.0.6]:1-32767  =>  192.0.2.6:1-32767  (best effort) | \
            TCP [127.0.0.6]:61000-65535  =>  192.0.2.6:61000-65535  (best effort)
            0.0.0.0/all:192.0.2.1,all:[192.0.2.2],~7-65535; \
            TCP [0.0.0.0]:1-6  =>  192.0.2.2:1-6  (best effort)
            0.0.0.0/all:192.0.2.1,all,~7-65535; TCP [0.0.0.0]:1-6  =>  1-6  (best effort)
            all:::,~7-65535; TCP [*]:1-6  =>  1-6  (best effort)
            all,2222; TCP [*]:2222  =>  2222
            0.0.0.0/2222,all:192.0.2.1; TCP [0.0.0.0]:2222  =>  2222
            """)
    void takesAllPortsButTheEphemeralOnes(String spec, String rules) {
        assertEquals(rules, inbound(ALL, spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            auto; TCP [*]:1-32767  =>  1-32767  (best effort) (auto-scan) | \
            TCP [*]:61000-65535  =>  61000-65535  (best effort) (auto-scan)
            ~5,auto,~7-65535,all,auto; TCP [*]:1-4  =>  1-4  (best effort) (auto-scan) | \
            TCP [*]:6  =>  6  (best effort) (auto-scan)
            auto,2222; TCP [*]:2222  =>  2222  (auto-scan)
            0.0.0.0/all:192.0.2.1,auto,~7-65535; \
            TCP [0.0.0.0]:1-6  =>  192.0.2.1:1-6  (best effort) (auto-scan)
            2000-2010:3000-3010,~2005,~2007-2020,auto; \
            TCP [*]:2000-2004  =>  3000-3004  (auto-scan) | TCP [*]:2006  =>  3006  (auto-scan)
            """)
    void followsTheOtherSide(String spec, String rules) {
        assertEquals(rules, inbound(ALL, spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            true;  false; 2222;     TCP [0.0.0.0]:2222  =>  2222
            true;  false; */2222;   TCP [0.0.0.0]:2222  =>  2222
            true;  false; 22:192.0.2.1; TCP [0.0.0.0]:22  =>  192.0.2.1:22
            false; true;  2222;     TCP [::]:2222  =>  2222
            false; true;  %lo/2222; TCP [::]%lo:2222  =>  2222
            """)
    void meansTheOneFamilyThereIs(boolean v4, boolean v6, String spec, String rules) {
        assertEquals(rules,
            inbound(new RuleCapabilities(v4, v6, true, true, true, true), spec));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            true;  true;  true;  2222:23; TCP [*]%lo:2222  =>  23
            true;  false; true;  2222; TCP [0.0.0.0]%lo:2222  =>  2222
            false; true;  true;  2222; TCP [::]%lo:2222  =>  2222
            true;  true;  false; 22,23; TCP [127.0.0.1]:22  =>  22 | TCP [127.0.0.1]:23  =>  23 | \
            TCP [::1]:22  =>  22 | TCP [::1]:23  =>  23
            true;  false; false; 22; TCP [127.0.0.1]:22  =>  22
            false; true;  false; 22; TCP [::1]:22  =>  22
            true;  true;  true;  auto,~3-65535; TCP [*]%lo:1-2  =>  1-2  (best effort) (auto-scan)
            true;  true;  true;  none; ''
            """)
    void listensOnTheLoopbackInTheNamespace(boolean v4, boolean v6, boolean interfaceNames,
            String spec, String rules) {
        assertEquals(rules, outbound(
            new RuleCapabilities(v4, v6, true, true, true, interfaceNames), spec));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1/2222", "%lo/2222", "*/2222", "/2222"})
    void mustNotListenElsewhereInTheNamespace(String spec) {
        var refused = assertThrows(RuleException.class, () -> PortSpec.parse(spec, false));
        assertEquals("invalid port specifier '" + spec + "': no listening address is allowed here",
            refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "~", ",", "x", "22x", "22-", "-22", "2-1", "65536", "+22",
        "0x16", "99999999999999999999", "22,", ",22", "22,,23", ":22", "22:", "22:65536", "22:x",
        "22:~5", "22:22:", "22/23", "22:23/24", "22~", "22 ", " 22", "~all", "~22:5", "~65536",
        "AUTO", "autox", "allx", "all:", "all:foo", "auto:192.0.2.1", "all:192.0.2.1/22",
        "none,22", "22,none", "127.0.0.1", "127.0.0.1/", "/", "[::1]:22", "[::1%lo]/22",
        "127.0.0.1/[22]", "[127.0.0.1/22", "[]/22", "[*]/22", "lo%lo/22", "22,127.0.0.1/23",
        "22:192.0.2.1:23", "22:192.0.2.1x", "22:192.0.2.1/", "22:192.0.2.1/23x", "22:192.0.2.1/0x1",
        "22:192.0.2.1%lo/23", "22:[192.0.2.1", "22:[]/23", "127.0.0.1/22/23", "١"})
    void doesNotUnderstandBadSyntax(String spec) {
        String message = refusal(spec);
        String alone = "invalid port specifier '" + spec + "'";
        assertTrue(message.equals(alone + ": see SPEC in --help")
            || message.startsWith(alone + ": '")
            && message.endsWith("' is not understood, see SPEC in --help"), message);
    }

    @Test
    void namesTheItemThatItDoesNotUnderstand() {
        assertEquals("invalid port specifier '22,x5,80': 'x5' is not understood,"
            + " see SPEC in --help", refusal("22,x5,80"));
        assertEquals("invalid port specifier '22,': '' is not understood, see SPEC in --help",
            refusal("22,"));
        assertEquals("invalid port specifier '127.0.0.1/x': 'x' is not understood,"
            + " see SPEC in --help", refusal("127.0.0.1/x"));
        assertEquals("invalid port specifier 'x5': see SPEC in --help", refusal("x5"));
        assertEquals("invalid port specifier '': see SPEC in --help", refusal(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2200-2210:3300", "60000-65000:61000-65535", "65535:1-2",
        "22:192.0.2.1/23-24"})
    void wantsAsManyTargetsAsPorts(String spec) {
        assertEquals("invalid port specifier '" + spec + "': '" + spec
            + "' leads to another number of ports", refusal(spec));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "1234567890123456", "a b", "äöüäöüäö"})
    void wantsNamesThatInterfacesCanHave(String name) {
        String spec = "127.0.0.1%" + name + "/22";
        assertEquals("invalid port specifier '" + spec + "': '" + name
            + "' is no name of an interface", refusal(spec));
    }

    @Test
    void leavesTheRestToTheTable() {
        assertEquals("cannot add rule 'TCP [*]:0-5  =>  0-5': its ports are not from 1 to 65535",
            refusal("0-5"));
        assertEquals("cannot add rule 'TCP [*]:2005  =>  2005':"
            + " it conflicts with 'TCP [*]:2000-2010  =>  2000-2010'", refusal("2000-2010,2005"));
        assertEquals("cannot add rule 'TCP [*]:2222  =>  2222':"
            + " it conflicts with 'TCP [*]%lo:2222  =>  2222'", refusal("%lo/2222", "2222"));
        assertEquals("cannot add rule 'TCP [*]:1-32767  =>  1-32767  (best effort)':"
            + " it conflicts with 'TCP [*]:2222  =>  2222'", refusal("2222", "all"));
    }

    @Test
    void accumulates() {
        assertEquals("TCP [127.0.0.1]:22  =>  22 | TCP [::1]:22  =>  22 | TCP [*]:23  =>  23",
            inbound(ALL, "127.0.0.1/22", "::1/22", "23"));
    }

    @Test
    void takesNoneOnlyBeforePorts() {
        assertEquals("", inbound(ALL, "none"));
        assertEquals("", inbound(ALL, "none", "none"));
        assertEquals("TCP [*]:22  =>  22", inbound(ALL, "none", "22"));
        assertEquals("'none' conflicts with the ports of previous options",
            refusal("22", "none"));
        assertEquals("'none' conflicts with the ports of previous options",
            refusal("none", "all", "none"));
    }

    @Test
    void takesNoneBesideTheOtherProtocol() {
        var table = new RuleTable.Builder(ALL);
        PortSpec.parse("22", true).addInbound(table, TCP, null);
        PortSpec.NONE.addInbound(table, 17, null);
        assertEquals(1, table.build().size());
    }

    @Test
    void followsNothingInPasst() {
        var table = new RuleTable.Builder(new RuleCapabilities(true, true, true, true, false,
            true));
        var refused = assertThrows(RuleException.class,
            () -> PortSpec.parse("22,auto", true).addInbound(table, TCP, EPHEMERAL));
        assertEquals("invalid port specifier '22,auto': 'auto' is for pasta only",
            refused.getMessage());
    }

    @Test
    void saysWhetherEphemeralPortsMatter() {
        assertTrue(PortSpec.parse("all", true).leavesOutEphemeralPorts());
        assertTrue(PortSpec.parse("auto", true).leavesOutEphemeralPorts());
        assertTrue(PortSpec.AUTO.leavesOutEphemeralPorts());
        assertTrue(PortSpec.parse("~22", true).leavesOutEphemeralPorts());
        assertFalse(PortSpec.parse("auto,22", true).leavesOutEphemeralPorts());
        assertFalse(PortSpec.parse("none", true).leavesOutEphemeralPorts());
    }

    @Test
    void remembersHowItWasWritten() {
        assertEquals("*%lo/22:0023", PortSpec.parse("*%lo/22:0023", true).toString());
        assertSame(PortSpec.NONE, PortSpec.parse("none", true));
    }
}
