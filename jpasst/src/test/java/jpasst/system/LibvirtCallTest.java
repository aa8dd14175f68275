// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Called as libvirt does, before it starts QEMU: in the background with a log file, its errors read
 * to the end; it is to go when the virtual machine does.
 */
@Order(Integer.MAX_VALUE - 42)
class LibvirtCallTest {
    private static Lab lab;

    private Path socket;
    private Path pidFile;
    private Path log;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void chooseFiles(TestInfo test) {
        var name = test.getTestMethod().orElseThrow().getName();
        socket = lab.directory().resolve(name + ".socket");
        pidFile = lab.directory().resolve(name + ".pid");
        log = lab.directory().resolve(name + ".log");
    }

    @AfterEach
    void endAll() {
        lab.userProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void itServesItsMachineAndGoesWithIt() throws Exception {
        assertReady(call("--tcp-ports", "2001-2002:22-23", "--udp-ports", Lab.HOST_V4 + "/3001"));
        try (var passt = Daemon.of(pidFile)) {
            assertFalse(isFree(2001));
            try (var guest = SocketGuest.connect(lab, socket);
                    var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo)) {
                var tcp = new ScriptedTcp(guest, Lab.HOST_V4, 7400, Lab.SERVER_V4, echo.port());
                tcp.open();
                tcp.data("hello");
                assertEquals("hello", new String(tcp.receive().tcpPayload()));
                assertTrue(passt.isAlive());
            }
            var took = passt.awaitEnd();
            assertTrue(took.toMillis() < 700, "took " + took);
            assertTrue(isFree(2001));
        }
        var logged = Files.readString(log);
        assertTrue(logged.contains("MAC:") && logged.contains("client disconnected"), logged);
    }

    @Test
    void aMachineThatDoesNotStartIsNoReasonToStay() {
        assertReady(call());
        try (var passt = Daemon.of(pidFile)) {
            Tool.run("kill", "-0", "" + passt.pid());
            passt.signal("TERM");
            assertTrue(passt.awaitEnd().toMillis() < 700);
        }
        // What is left of it is in nobody's way.
        assertReady(call());
    }

    @Test
    void whatIsWrongReachesTheCaller() {
        try (var _ = new TcpServer(lab.host(), Lab.HOST_V4, 2001, TcpServer::page)) {
            var refused = call("--tcp-ports", "2001");
            assertEquals(1, refused.exitCode());
            // After what it had to say until then.
            var error = refused.err().lines().toList().getLast();
            assertTrue(error.contains("Address already in use") && error.contains("2001"), error);
        }
        assertTrue(call("--tcp-ports", "nonsense").oneLineError().contains("nonsense"));
        assertReady(call());
        var second = call();
        assertEquals(1, second.exitCode());
        assertTrue(second.err().lines().toList().getLast().contains(socket.toString()),
                second::toString);
    }

    private Outcome call(String... ports) {
        var all = new ArrayList<>(List.of("--one-off", "--socket", socket.toString(), "--pid",
                pidFile.toString(), "--log-file", log.toString(), "--address", Lab.HOST_V4,
                "--netmask", "24"));
        all.addAll(List.of(ports));
        return lab.passt(all.toArray(String[]::new)).start().finishWithPipes();
    }

    /** What it says until it is in the background is for whoever reads its errors. */
    private static void assertReady(Outcome outcome) {
        assertEquals("", outcome.ok());
        assertTrue(outcome.err().contains("MAC:"), outcome::toString);
    }

    private static boolean isFree(int port) {
        return lab.host().run("ss", "-Hltn", "sport", "=", ":" + port).isBlank();
    }
}
