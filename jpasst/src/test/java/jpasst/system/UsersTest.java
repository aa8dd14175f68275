// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who it runs as: root of the machine goes on as somebody else, others as they are. */
@Order(Integer.MAX_VALUE - 83)
class UsersTest {
    private static final int NOBODY = 65534;

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    /** A number alone stands for the group, too; a name for that user's own. */
    @ParameterizedTest
    @CsvSource({"54321, 54321, 54321", "54321:54322, 54321, 54322", "54321:daemon, 54321, 1",
        "daemon, 1, 1", "daemon:54322, 1, 54322", "daemon:nogroup, 1, 65534"})
    void rootGoesOnAsWhomeverItIsTold(String user, int uid, int gid) {
        try (var pasta = lab.pasta("--config-net", "--runas", user).asRoot()
                .start("sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map; read go; exit 3")) {
            assertEquals("0 " + uid + " 1", nextMap(pasta, uid));
            assertIs(pasta, uid, gid);
            pasta.type("go");
            var outcome = pasta.finish();
            assertEquals(3, outcome.exitCode(), outcome::toString);
            assertEquals("", outcome.err());
        }
    }

    @Test
    void rootStaysRootIfItIsToldByNumber() {
        assertEquals("0 0 1", lab.pasta("--config-net", "--runas", "0:0").asRoot()
                .run("cat", "/proc/self/uid_map").ok().strip().replaceAll(" +", " "));
    }

    @ParameterizedTest
    @CsvSource({"root, root", "nosuchuser, nosuchuser", "daemon:nosuchgroup, nosuchgroup",
        "'', ''", "daemon:, daemon:"})
    void nobodyElseIsRefusedByName(String user, String named) {
        var error = lab.pasta("--config-net", "--runas", user).asRoot().run("true")
                .oneLineError();
        assertTrue(error.contains("runas") || error.contains("run as"), error);
        assertTrue(error.contains(named), error);
    }

    /** setpriv(1) would take the first for all, the second for 0: both times for root. */
    @ParameterizedTest
    @CsvSource({"4294967295", "4294967296", "54321:4294967295", "99999999999999999999"})
    void nobodyElseIsRefusedByNumber(String user) {
        var error = lab.pasta("--config-net", "--runas", user).asRoot().run("true")
                .oneLineError();
        assertTrue(error.contains("--runas: " + user), error);
    }

    @Test
    void aPidFileThatRootCannotWriteIsNamed() {
        var error = lab.pasta("--config-net", "--runas", "54321", "-P", "/nosuch/pid").asRoot()
                .run("true").oneLineError();
        assertTrue(error.contains("/nosuch/pid"), error);
    }

    @Test
    void othersMayOnlyBeWhoTheyAre() {
        lab.pasta("--config-net", "--runas", Lab.USER).run("true").ok();
        var error = lab.pasta("--config-net", "--runas", "1").run("true").oneLineError();
        assertTrue(error.contains("not started as root"), error);
    }

    /** A namespace of root's, such as rootful containers have: no user namespace is involved. */
    @Test
    void rootsNamespaceIsConnectedByNobody() {
        var target = new NetworkNamespace("jpasst-" + ProcessHandle.current().pid() + "-rootful");
        try {
            var pidFile = lab.directory().resolve("rootful.pid");
            var outcome = lab.pasta("--config-net", "-q", "-P", pidFile.toString(), "-t", "8080:80",
                    "--netns", target.name()).asRoot().start().finishWithPipes();
            assertEquals(0, outcome.exitCode(), outcome::toString);
            assertEquals("pasta: started as root, goes on as nobody", outcome.err().strip());
            try (var daemon = Daemon.of(pidFile); var _ = new Witness(target, 80, Lab.HOST_V4)) {
                assertIs(daemon, NOBODY, NOBODY);
                assertEquals(80, new Client(lab.world()).seenByTcp(Lab.HOST_V4, 8080).localPort());
                target.close();
                target = null;
                assertTrue(daemon.awaitEnd().toMillis() < 700);
            }
        } finally {
            if (target != null) target.close();
        }
    }

    @Test
    void rootsVirtualMachineIsServedByNobody() {
        var socket = lab.directory().resolve("rootful.socket");
        var pidFile = lab.directory().resolve("rootful-machine.pid");
        var outcome = lab.passt("-q", "-1", "-P", pidFile.toString(), "-s", socket.toString())
                .asRoot().start().finishWithPipes();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        try (var daemon = Daemon.of(pidFile)) {
            assertIs(daemon, NOBODY, NOBODY);
            try (var guest = SocketGuest.connect(lab, socket)) {
                assertTrue(daemon.isAlive(), guest::toString);
            }
            assertTrue(daemon.awaitEnd().toMillis() < 700);
        }
    }

    private static String nextMap(Running pasta, int first) {
        return pasta.awaitLine(line -> line.strip().matches("0 +" + first + " +1")).strip()
                .replaceAll(" +", " ");
    }

    private static void assertIs(Running program, int uid, int gid) {
        assertEquals(four(uid), program.status("Uid"));
        assertEquals(four(gid), program.status("Gid"));
        assertEquals("", program.status("Groups"));
    }

    private static void assertIs(Daemon program, int uid, int gid) {
        assertEquals(four(uid), program.status("Uid"));
        assertEquals(four(gid), program.status("Gid"));
        assertEquals("", program.status("Groups"));
    }

    /** Real, effective, saved and for files. */
    private static String four(int id) {
        return String.join("\t", "" + id, "" + id, "" + id, "" + id);
    }
}
