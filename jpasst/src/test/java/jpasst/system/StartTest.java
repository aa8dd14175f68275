// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command in a new, connected namespace: what it finds there, and how its end comes back. */
@Order(Integer.MAX_VALUE - 100)
class StartTest {
    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void showsTheHostsAddressesAndRoutes() {
        var shown = lab.pasta("--config-net")
                .run("sh", "-c", "ip -br address; ip route; ip -6 route").ok();
        assertLine(shown, "lo +UNKNOWN +127.0.0.1/8 ::1/128.*");
        assertLine(shown, "eth0 +(UNKNOWN|UP) +192.0.2.10/24 2001:db8:1::10/64 fe80::.*/64.*");
        assertLine(shown, "default via 192.0.2.1 dev eth0.*");
        assertLine(shown, "192.0.2.0/24 dev eth0.*");
        assertLine(shown, "default via 2001:db8:1::1 dev eth0.*");
    }

    @Test
    void addressesAreUsableAtOnce() {
        var shown = lab.pasta("--config-net").run("ip", "address").ok();
        // The C original's link-local address, which nobody needs yet, may still be tentative.
        assertFalse(shown.lines().anyMatch(line -> line.contains("scope global")
                && line.contains("tentative")), shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void fetchesAPageAndReturnsTheShellsExitCode(String server) {
        try (var web = new TcpServer(lab.world(), server, 80, TcpServer::page)) {
            var url = "http://" + (server.contains(":") ? "[" + server + "]" : server) + "/";
            var outcome = lab.pasta("--config-net")
                    .run("sh", "-c", "curl -sS -m 10 " + url + "; exit 42");
            assertEquals(42, outcome.exitCode(), outcome::toString);
            var host = server.contains(":") ? "2001:db8:1:0:0:0:0:10" : Lab.HOST_V4;
            assertEquals("page for " + host, outcome.out().strip());
            assertEquals(host, web.report());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 127, 255})
    void returnsTheCommandsExitCode(int code) {
        assertEquals(code, lab.pasta("--config-net").run("sh", "-c", "exit " + code).exitCode());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 15})
    void returnsWhatAShellSaysOfASignal(int signal) {
        var outcome = lab.pasta("--config-net")
                .run("sh", "-c", "sh -c 'kill -" + signal + " $$'; exit $?");
        assertEquals(128 + signal, outcome.exitCode(), outcome::toString);
    }

    @Test
    void returns128PlusTheSignalThatEndedTheCommandItself() {
        try (var pasta = lab.pasta("--config-net").start("sh", "-c", "echo ready; exec sleep 60")) {
            pasta.awaitLine("ready");
            // Process 1 of a PID namespace dies of nothing less, and only from outside.
            var command = pasta.descendants().getLast();
            assertTrue(command.destroyForcibly());
            assertEquals(128 + 9, pasta.finish().exitCode());
        }
    }

    @Test
    void theCommandIsRootAndProcessOneOfNamespacesOfItsOwn() {
        var shown = lab.pasta("--config-net").run("sh", "-c",
                "id -u; id -g; echo $$; hostname; grep CapEff /proc/self/status;"
                + " cat /proc/sys/net/ipv4/ping_group_range").ok().lines().toList();
        assertEquals("0", shown.get(0));
        assertEquals("0", shown.get(1));
        assertEquals("1", shown.get(2));
        assertEquals("pasta-" + Tool.run("hostname").strip(), shown.get(3));
        assertEquals("CapEff:\t000001ffffffffff", shown.get(4));
        assertEquals("0\t0", shown.get(5));
    }

    @Test
    void theCommandGetsItsArgumentsDirectoryAndEnvironmentUnchanged() {
        var outcome = lab.pasta("--config-net").run("sh", "-c",
                "printf '<%s>' \"$@\"; pwd; echo $HOME", "sh", "a b", "", "*",
                "--config-net", "'\"");
        assertEquals("<a b><><*><--config-net><'\">" + lab.directory() + "\n" + lab.directory(),
                outcome.ok());
    }

    @Test
    void optionsMayStandDirectlyBeforeTheCommand() {
        var outcome = lab.pasta("--config-net", "-q", "sh", "-c", "echo \"$0 $1\"", "-d", "-4");
        assertEquals("-d -4", outcome.run().ok());
    }

    @Test
    void standardInputReachesTheCommand() {
        try (var pasta = lab.pasta("--config-net").start("cat")) {
            pasta.type("echoed");
            pasta.awaitLine("echoed");
            assertEquals(0, pasta.finish().exitCode());
        }
    }

    @Test
    void noDescriptorOfPastaReachesTheCommand() {
        assertEquals("0 1 2 3", lab.pasta("--config-net")
                .run("sh", "-c", "echo $(ls /proc/self/fd)").ok());
    }

    @Test
    void saysNothingOfItsOwn() {
        var outcome = lab.pasta("--config-net").run("echo", "hello");
        assertEquals("hello", outcome.ok());
        assertEquals("", outcome.err());
    }

    private static void assertLine(String shown, String pattern) {
        assertTrue(shown.lines().anyMatch(line -> line.strip().matches(pattern)),
                () -> "no line " + pattern + " in:\n" + shown);
    }
}
