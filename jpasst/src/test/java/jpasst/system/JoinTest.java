// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Namespaces that exist already: of a process, or named. */
@Order(Integer.MAX_VALUE - 85)
class JoinTest {
    private static Lab lab;

    /** A process with user and network namespaces of its own, not connected yet. */
    private Running target;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void startTarget() {
        target = lab.pasta()
                .startInstead("unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 120");
        target.awaitLine("ready");
    }

    @AfterEach
    void endTarget() {
        target.close();
    }

    @Test
    void inTheBackgroundTheNetworkIsReadyWhenItReturns() {
        var outcome = lab.pasta("--config-net").run("" + target.pid());
        assertEquals(0, outcome.exitCode(), outcome::toString);
        assertConnected();
        // Nobody holds the target's namespace any more: the one in the background ends, too.
        target.close();
        await("pasta in the background does not end", () -> lab.userProcesses().isEmpty());
    }

    @Test
    void thePidFileIsCompleteWhenItReturns() throws Exception {
        var file = lab.directory().resolve("joined.pid");
        assertEquals(0, lab.pasta("--config-net", "-P", file.toString()).run("" + target.pid())
                .exitCode());
        var pid = Files.readString(file);
        assertTrue(pid.endsWith("\n"), pid);
        var pasta = ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
        assertTrue(pasta.destroy());
        await("SIGTERM does not end it", () -> !pasta.isAlive());
    }

    @Test
    void aFailureInTheBackgroundReachesTheCaller() {
        var error = lab.pasta("--config-net", "-q", "-I", "lo").run("" + target.pid())
                .oneLineError();
        assertTrue(error.contains("--ns-ifname"), error);
    }

    @Test
    void quietLeavesTheBannerOut() {
        var shown = lab.pasta("--config-net").run("" + target.pid());
        assertTrue(shown.err().contains("Namespace interface: " + Lab.INTERFACE), shown::toString);
        var quiet = lab.pasta("-q", "-I", "second").run("" + target.pid());
        assertEquals("", quiet.ok() + quiet.err());
    }

    /** In the background it holds nothing of its caller's, however many he left open. */
    @Test
    void whoReadsThePipesOfTheCallerSeesTheirEnd() {
        var script = "bash -c 'exec 12>&1; exec \"$@\"' bash \"$@\" 2>&1 | cat; echo ended";
        var line = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        line.addAll(lab.pasta("--config-net", "-q", "" + target.pid()).withProgram());
        assertEquals("ended", lab.pasta().startInstead(line.toArray(String[]::new)).finish().ok());
        assertConnected();
    }

    @Test
    void inTheForegroundItStaysUntilItIsEnded() {
        try (var pasta = lab.pasta("--config-net", "-f").start("" + target.pid())) {
            await("no address", this::hasAddress);
            assertConnected();
            assertTrue(pasta.isAlive());
            pasta.signal("TERM");
            assertEquals(0, pasta.finish().exitCode());
            assertFalse(hasAddress(), "the tap device is left");
        }
    }

    @Test
    void namespacesMayBeGivenByPath() {
        var process = "/proc/" + target.pid() + "/ns/";
        var outcome = lab.pasta("--config-net", "--userns", process + "user",
                "--netns", process + "net").run();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        assertConnected();
    }

    @Test
    void aNamespaceMayBeGivenByNameAndItsRemovalEndsPasta() {
        var name = "jpasst-" + ProcessHandle.current().pid() + "-named";
        Tool.run("ip", "netns", "attach", name, "" + target.pid());
        boolean removed = false;
        try (var pasta = lab.pasta("--config-net", "-f", "--netns", name,
                "--userns", "/proc/" + target.pid() + "/ns/user").start()) {
            await("no address", this::hasAddress);
            assertConnected();
            Tool.run("ip", "netns", "del", name);
            removed = true;
            assertEquals(0, pasta.finish().exitCode());
        } finally {
            if (!removed) Tool.run("ip", "netns", "del", name);
        }
    }

    @Test
    void netnsOnlyKeepsTheUserNamespace() {
        var script = String.join(" ", lab.pasta("--config-net", "--netns-only").withProgram())
                + " -- readlink /proc/self/ns/user; readlink /proc/self/ns/user";
        var outcome = lab.pasta().startInstead("unshare", "-Ur", "sh", "-c", script).finish();
        var lines = outcome.ok().lines().toList();
        assertEquals(2, lines.size(), outcome::toString);
        assertEquals(lines.get(1), lines.get(0));
    }

    @Test
    void anotherUsersProcessIsRefused() {
        try (var foreign = lab.pasta().asRoot()
                .startInstead("unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 60")) {
            foreign.awaitLine("ready");
            var error = lab.pasta("--config-net", "-f").run("" + foreign.pid()).oneLineError();
            assertTrue(error.contains("ermission") || error.contains("ermitted"), error);
        }
    }

    private boolean hasAddress() {
        return inTarget("ip", "address").contains(Lab.HOST_V4);
    }

    private void assertConnected() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            assertEquals("page for " + Lab.HOST_V4, inTarget("curl", "-sS", "-m", "10",
                    "http://" + Lab.SERVER_V4 + ":" + web.port() + "/").strip());
        }
    }

    private String inTarget(String... command) {
        var line = new String[command.length + 4];
        line[0] = "nsenter";
        line[1] = "-t";
        line[2] = "" + target.pid();
        line[3] = "-n";
        System.arraycopy(command, 0, line, 4, command.length);
        return Tool.run(line);
    }

    private static void await(String complaint, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) fail(complaint);
            Thread.onSpinWait();
        }
    }
}
