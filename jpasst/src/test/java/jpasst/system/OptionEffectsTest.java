// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.system.DhcpMessage.option;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Effects of options which no other test of whole programs shows. */
@Order(Integer.MAX_VALUE - 98)
class OptionEffectsTest {
    private static final String SHOW = "ip address show eth0; ip route; ip -6 route";

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        lab.host().run("ip", "address", "add", "192.0.2.78/24", "dev", Lab.INTERFACE);
        lab.host().run("ip", "address", "add", "2001:db8:1::78/64", "dev", Lab.INTERFACE, "nodad");
        lab.host().run("ip", "route", "add", "198.51.100.0/24", "via", Lab.GATEWAY_V4);
        lab.host().run("ip", "route", "add", "2001:db8:77::/64", "via", Lab.GATEWAY_V6);
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void capabilitiesAreAnObjectOfTypeNet() {
        for (var program : new Pasta[] {lab.pasta("--print-capabilities"),
            lab.passt("--print-capabilities")}) {
            var outcome = program.run();
            assertTrue(outcome.ok().matches("\\{\\s*\"type\":\\s*\"net\"\\s*\\}"),
                    outcome::toString);
            assertEquals("", outcome.err());
        }
    }

    @Test
    void everyPacketIsTraced() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            var curl = new String[] {"curl", "-sS", "-m", "10",
                "http://" + Lab.SERVER_V4 + ":" + web.port() + "/"};
            var packets = "from guest: TCP [";
            assertLacks(lab.pasta("--config-net", "-d").run(curl).err(), packets);
            var traced = lab.pasta("--config-net", "--trace").run(curl).err();
            assertHas(traced, packets);
            assertHas(traced, "to guest: TCP [");
        }
    }

    @Test
    void aQuietPasstShowsNoBanner() {
        assertNotEquals("", saidUntilTheGuestLeft("loud", "-1"));
        assertEquals("", saidUntilTheGuestLeft("quiet", "-1", "-q", "-D", "none"));
    }

    private static String saidUntilTheGuestLeft(String name, String... options) {
        try (var passt = Passt.start(lab, name, options)) {
            SocketGuest.connect(lab, passt.socket()).close();
            return passt.process().finish().err();
        }
    }

    @Test
    void standardErrorIsOnlyWarnedOf() {
        var outcome = lab.pasta("--config-net", "--stderr").run("echo", "on");
        assertEquals("on", outcome.ok());
        assertEquals("--stderr has no effect, and will be dropped soon", outcome.err().strip());
    }

    @Test
    void allAddressesAndRoutesAreCopied() {
        var shown = lab.pasta("--config-net").run("sh", "-c", SHOW).ok();
        for (var part : new String[] {Lab.HOST_V4 + "/24", "192.0.2.78/24", Lab.HOST_V6 + "/64",
            "2001:db8:1::78/64", "198.51.100.0/24", "2001:db8:77::/64"}) {
            assertHas(shown, part);
        }
    }

    @Test
    void withoutCopiedAddressesThereIsOneOfEachFamily() {
        var outcome = lab.pasta("--config-net", "--no-copy-addrs").run("sh", "-c", SHOW);
        assertHas(outcome.err(), "--no-copy-addrs will be dropped soon");
        assertEquals(1, count(outcome.ok(), " inet "));
        assertEquals(1, count(outcome.ok(), "scope global.* inet6|inet6 2001"));
        assertHas(outcome.ok(), "198.51.100.0/24");
    }

    @Test
    void withoutCopiedRoutesThereIsTheDefaultOnly() {
        var outcome = lab.pasta("--config-net", "--no-copy-routes").run("sh", "-c", SHOW);
        assertHas(outcome.err(), "--no-copy-routes will be dropped soon");
        assertHas(outcome.ok(), "default via " + Lab.GATEWAY_V4);
        assertHas(outcome.ok(), "default via " + Lab.GATEWAY_V6);
        assertHas(outcome.ok(), "192.0.2.78/24");
        assertLacks(outcome.ok(), "198.51.100.0/24");
        assertLacks(outcome.ok(), "2001:db8:77::/64");
    }

    /** For its own family, each. */
    @Test
    void anAddressAndAGatewayImplyThat() {
        var shown = lab.pasta("--config-net", "-a", Lab.HOST_V4, "-g", Lab.GATEWAY_V6)
                .run("sh", "-c", SHOW).ok();
        assertLacks(shown, "192.0.2.78/24");
        assertHas(shown, "198.51.100.0/24");
        assertHas(shown, "2001:db8:1::78/64");
        assertLacks(shown, "2001:db8:77::/64");
    }

    @Test
    void theNamespaceHasAHostName() {
        assertEquals("inside", lab.pasta("-H", "inside").run("hostname").ok());
        assertEquals("pasta-" + Tool.run("hostname").strip(), lab.pasta().run("hostname").ok());
    }

    @Test
    void theCommandMayStayInOurPidNamespace() throws IOException {
        var ours = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        assertNotEquals(ours, lab.pasta().run("readlink", "/proc/self/ns/pid").ok());
        assertEquals(ours, lab.pasta("--no-pidns").run("readlink", "/proc/self/ns/pid").ok());
    }

    @Test
    void neighboursAreNotDiscoveredWithoutNdp() {
        var script = "ip link set eth0 up; for i in $(seq 60); do sleep 0.1;"
                + " ip -6 route | grep -q ^default && break; done; ip -6 route | grep -c ^default";
        assertEquals("1\n", lab.pasta("-6").run("sh", "-c", script).out());
        assertEquals("0\n", lab.pasta("-6", "--no-ndp").run("sh", "-c", script).out());
    }

    /** Names of files are bytes; in the C locale Java would decode no more than ASCII. */
    @Test
    void pathsAreUtf8InAnyLocale() {
        for (var locale : new String[] {"C", "C.UTF-8"}) {
            assertEquals("there", withFileName(locale, "\\303\\251.pid").ok());
            var error = withFileName(locale, "x\\377").oneLineError();
            assertHas(error, "--pid needs a path in UTF-8: x\ufffd");
        }
    }

    /** Runs it with a PID file of this name, in which bytes are written as for printf. */
    private static Outcome withFileName(String locale, String name) {
        var script = "rm -f *.pid; name=$(printf '" + name + "'); export LC_ALL=" + locale
                + "; \"$0\" -P \"$name\" true || exit; [ ! -s \"$name\" ] || echo there";
        return lab.pasta().startInstead("sh", "-c", script, Pasta.program().toString()).finish();
    }

    @Test
    void messagesGoToTheLogFile() throws IOException {
        var file = lab.directory().resolve("log");
        lab.pasta("--config-net", "-d", "-l", file.toString()).run("true").ok();
        assertHas(Files.readString(file), "Namespace interface: eth0");
        assertEquals("600", Tool.run("stat", "-c", "%a", file.toString()).strip());
    }

    @Test
    void theLogFileStaysWithinItsSize() throws IOException {
        var file = lab.directory().resolve("small-log");
        lab.pasta("--config-net", "--trace", "-l", file.toString(), "--log-size", "40960")
                .run("ping", "-q", "-c", "400", "-i", "0.002", Lab.GATEWAY_V4).ok();
        long size = Files.size(file);
        assertTrue(size > 20480 && size <= 40960, size + " bytes");
    }

    @Test
    void eventsAreCounted() {
        var outcome = lab.pasta("--config-net", "-f", "--stats", "1").run("sh", "-c",
                "for i in 1 2 3 4 5; do ping -q -c 1 -W 2 " + Lab.GATEWAY_V4 + "; sleep 0.4; done");
        assertTrue(outcome.err().lines().anyMatch(line -> line.matches("( +[0-9]+)+ *")),
                outcome::toString);
    }

    @Test
    void theSocketHasAnotherOptionToo() {
        var socket = lab.directory().resolve("other-name");
        try (var _ = Passt.start(lab, "name", "--socket-path", socket.toString());
                var guest = SocketGuest.connectAtOnce(socket)) {
            guest.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER)));
            assertEquals(4, DhcpMessage.address(guest.await("offer", DhcpMessage::isReply)).length);
        }
    }

    /** Options 6 and 119 of DHCP (RFC 2132, RFC 3397). */
    @Test
    void aMachineIsNotToldWhatItShallNotKnow() {
        assertEquals("true true", told("all"));
        assertEquals("false true", told("no-dns", "--no-dhcp-dns"));
        assertEquals("true false", told("no-search", "--no-dhcp-search"));
    }

    private static String told(String name, String... options) {
        var all = new ArrayList<>(List.of("-D", Lab.SERVER_V4, "-S",
                "example.org"));
        all.addAll(List.of(options));
        try (var passt = Passt.start(lab, name, all.toArray(String[]::new));
                var guest = SocketGuest.connect(lab, passt.socket())) {
            guest.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER), option(55, 6, 119)));
            Map<Integer, byte[]> offered =
                    DhcpMessage.options(guest.await("offer", DhcpMessage::isReply));
            return offered.containsKey(6) + " " + offered.containsKey(119);
        }
    }

    private static long count(String text, String pattern) {
        return text.lines().filter(line -> line.matches(".*(" + pattern + ").*")).count();
    }

    private static void assertHas(String text, String part) {
        assertTrue(text.contains(part), () -> part + " missing in:\n" + text);
    }

    private static void assertLacks(String text, String part) {
        assertFalse(text.contains(part), () -> part + " in:\n" + text);
    }
}
