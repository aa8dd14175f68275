// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
 * Called as Podman and Buildah do, by the very command line: as root of a user namespace that
 * exists, for a network namespace in a file, both pipes read to their end.
 */
@Order(Integer.MAX_VALUE - 44)
class PodmanCallTest {
    private static final String RESOLVER = "169.254.1.1";
    private static final String HOST = "169.254.1.2";

    private static Lab lab;

    private ContainerEngine engine;
    private Path pidFile;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void startEngine(TestInfo test) {
        var name = test.getTestMethod().orElseThrow().getName();
        engine = ContainerEngine.start(lab, name);
        pidFile = lab.directory().resolve(name + ".pid");
    }

    @AfterEach
    void endEngine() {
        engine.close();
        lab.userProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void theNetworkIsReadyWhenItReturns() {
        assertQuiet(engine.call(arguments(List.of("-t", "8080-8082:80-82"))));
        var inside = engine.network();
        try (var _ = new Witness(inside, 81, Lab.HOST_V4)) {
            assertEquals(Seen.of(Lab.SERVER_V4, Lab.HOST_V4, 81, true),
                    new Client(lab.world(), Lab.SERVER_V4).seenByTcp(Lab.HOST_V4, 8081));
            assertEquals(81, new Client(lab.host()).seenByTcp("127.0.0.1", 8081).localPort());
            assertEquals("refused", new Client(lab.world()).tcp(Lab.HOST_V4, 81));
        }
        var shown = inside.run("sh", "-c", "ip address; ip route; ip -6 route");
        for (var part : List.of(Lab.HOST_V4 + "/24", Lab.HOST_V6 + "/64",
                "default via " + Lab.GATEWAY_V4, "default via " + Lab.GATEWAY_V6))
            assertTrue(shown.contains(part), shown);
    }

    @Test
    void containersReachWorldHostAndResolver() {
        assertQuiet(engine.call(arguments(List.of())));
        var container = new Client(engine.network());
        try (var _ = new Witness(lab.world(), 8090, Lab.SERVER_V4);
                var _ = new Witness(lab.host(), 8091, Lab.HOST_V4);
                var resolver = new UdpEcho(lab.world(), Lab.SERVER_V4, 53);
                var _ = new TcpServer(lab.world(), Lab.GATEWAY_V4, 8092, Witness::tell)) {
            assertEquals(Seen.of(Lab.HOST_V4, Lab.SERVER_V4, 8090, true),
                    container.seenByUdp(Lab.SERVER_V4, 8090));
            assertEquals(Lab.HOST_V4, container.seenByTcp(HOST, 8091).local());
            assertEquals("who am I?", container.udp(RESOLVER, resolver.port()));
            // --no-map-gw: the gateway is itself, not the host's loopback.
            assertEquals(Lab.GATEWAY_V4, container.seenByTcp(Lab.GATEWAY_V4, 8092).local());
        }
    }

    @Test
    void whenTheFileIsRemovedItEndsAndItsPortsAreFree() {
        assertQuiet(engine.call(arguments(List.of("-t", "8080:80", "--pid", pidFile.toString()))));
        try (var pasta = Daemon.of(pidFile)) {
            engine.run("umount -l " + engine.file());
            assertFalse(isFree(8080));
            engine.run("rm " + engine.file());
            var took = pasta.awaitEnd();
            assertTrue(took.toMillis() < 700, "took " + took);
            assertTrue(isFree(8080));
        }
    }

    @Test
    void ofAProcessItEndsWithThatAndItsPortsAreFree() {
        try (var container = engine.startInstead(List.of("unshare", "--net", "sh", "-c",
                "echo ready; exec sleep 60"))) {
            container.awaitLine("ready"::equals);
            var path = "/proc/" + container.pid() + "/ns/net";
            assertQuiet(engine.call(arguments(Path.of(path),
                    List.of("-t", "8080:80", "--pid", pidFile.toString()))));
            try (var pasta = Daemon.of(pidFile)) {
                assertTrue(pasta.isAlive());
                assertFalse(isFree(8080));
                container.signal("KILL");
                var took = pasta.awaitEnd();
                assertTrue(took.toMillis() < 700, "took " + took);
                assertTrue(isFree(8080));
            }
        }
    }

    @Test
    void aBusyPortIsSaidInTheWordsThatPodmanKnows() {
        try (var _ = new TcpServer(lab.host(), Lab.HOST_V4, 8080, TcpServer::page)) {
            var error = engine.call(arguments(List.of("-t", Lab.HOST_V4 + "/8080-8080:80-80")))
                    .oneLineError();
            assertTrue(error.contains("Address already in use"), error);
            assertTrue(error.contains("8080"), error);
        }
        assertEquals(1, engine.network().run("ip", "-o", "link").lines().count());
        // Nothing of it is in the way of another try.
        assertQuiet(engine.call(arguments(List.of("-t", Lab.HOST_V4 + "/8080-8080:80-80"))));
    }

    /** Options of the user's come first, and Podman's own may follow. */
    @Test
    void theLastOfARepeatedOptionCounts() {
        assertQuiet(engine.call(arguments(List.of("-t", "8080", "-t", "8081", "-m", "1400", "-m",
                "1300", "-I", "first0", "-I", "second0", "--map-guest-addr", "203.0.113.9",
                "--dns-forward", "203.0.113.8"))));
        var shown = engine.network().run("ip", "-o", "link");
        assertTrue(shown.contains("second0") && shown.contains("mtu 1300"), shown);
        assertFalse(isFree(8080) || isFree(8081));
        try (var _ = new Witness(lab.host(), 8091, Lab.HOST_V4);
                var resolver = new UdpEcho(lab.world(), Lab.SERVER_V4, 53)) {
            var container = new Client(engine.network());
            assertEquals(Lab.HOST_V4, container.seenByTcp(HOST, 8091).local());
            assertEquals("who am I?", container.udp(RESOLVER, resolver.port()));
        }
    }

    @Test
    void itIsEndedByTheProcessIdInItsFile() {
        assertQuiet(engine.call(arguments(List.of("-t", "8080:80", "--pid", pidFile.toString()))));
        try (var pasta = Daemon.of(pidFile)) {
            Tool.run("kill", "-0", "" + pasta.pid());
            pasta.signal("TERM");
            assertTrue(pasta.awaitEnd().toMillis() < 700);
            assertTrue(isFree(8080));
        }
    }

    private String[] arguments(List<String> wanted) {
        return arguments(engine.file(), wanted);
    }

    /** As Podman 5 puts them together, with some of the user's. */
    private static String[] arguments(Path netns, List<String> wanted) {
        var all = new ArrayList<>(List.of("--config-net"));
        all.addAll(wanted);
        all.addAll(List.of("--dns-forward", RESOLVER));
        if (!wanted.contains("-t")) all.addAll(List.of("-t", "none"));
        all.addAll(List.of("-u", "none", "-T", "none", "-U", "none",
                "--no-map-gw", "--quiet", "--netns", netns.toString(), "--map-guest-addr", HOST));
        return all.toArray(String[]::new);
    }

    private static void assertQuiet(Outcome outcome) {
        assertEquals("", outcome.ok() + outcome.err());
    }

    private static boolean isFree(int port) {
        return lab.host().run("ss", "-Hltn", "sport", "=", ":" + port).isBlank();
    }
}
