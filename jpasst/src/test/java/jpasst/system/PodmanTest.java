// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Real containers, of a real Podman, with the pasta under test. */
@Order(Integer.MAX_VALUE - 41)
class PodmanTest {
    private static final Duration START = Duration.ofSeconds(20);

    private static Lab lab;
    private static Podman podman;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        podman = Podman.in(lab);
    }

    @AfterAll
    static void close() {
        podman.close();
        lab.close();
    }

    @AfterEach
    void removeContainers() {
        podman.run("rm", "--all", "--force", "--time", "0").ok();
    }

    @Test
    void itKnowsItsPasta() {
        assertTrue(podman.run("info", "--format", "{{.Host.Pasta.Version}}").ok()
                .startsWith("pasta "));
    }

    @Test
    void aPublishedPortIsServedUntilTheContainerStops() {
        run("-d", "--name", "web", "-p", "8080:80", podman.image(), "/bin/busybox", "nc", "-ll",
                "-p", "80", "-e", "/bin/busybox", "echo", "page").ok();
        Patience.until("a page", START,
                () -> "page\n".equals(new Client(lab.world()).tcp(Lab.HOST_V4, 8080)));
        assertEquals("page\n", new Client(lab.host()).tcp("127.0.0.1", 8080));
        // Who asks for the same port learns why he cannot have it.
        var refused = run("--rm", "-p", "8080:80", podman.image(), "/bin/busybox", "true");
        assertTrue(refused.exitCode() != 0 && refused.err().contains("Address already in use")
                && refused.err().contains("8080"), refused::toString);
        podman.run("stop", "--time", "0", "web").ok();
        Patience.until("the port is free", Duration.ofMillis(700),
                () -> lab.host().run("ss", "-Hltn", "sport", "=", ":8080").isBlank());
        Patience.until("pasta ends", Duration.ofMillis(700), () -> lab.userProcesses().stream()
                .noneMatch(p -> p.info().commandLine().orElse("").contains("--config-net")));
        podman.run("start", "web").ok();
        Patience.until("a page again", START,
                () -> "page\n".equals(new Client(lab.world()).tcp(Lab.HOST_V4, 8080)));
    }

    @Test
    void aContainerReachesTheWorldItsHostAndTheResolver() {
        try (var _ = new TcpServer(lab.world(), Lab.SERVER_V4, 8090, Witness::tell);
                var _ = new TcpServer(lab.host(), Lab.HOST_V4, 8091, Witness::tell)) {
            var shown = run("--rm", podman.image(), "/bin/busybox", "sh", "-c", "busybox nc "
                    + Lab.SERVER_V4 + " 8090; echo; busybox nc host.containers.internal 8091;"
                    + " echo; busybox cat /etc/resolv.conf; busybox ip address").ok();
            var lines = shown.lines().toList();
            assertTrue(lines.get(0).startsWith(Lab.HOST_V4 + " "), shown);
            assertTrue(lines.get(1).endsWith(" " + Lab.HOST_V4 + " 8091"), shown);
            assertTrue(shown.contains("nameserver 169.254.1.1"), shown);
            assertTrue(shown.contains(Lab.HOST_V4 + "/24"), shown);
        }
    }

    /** The user's own options, as {@code --network pasta:...} has them. */
    @Test
    void optionsOfTheUserArePassedOn() {
        try (var _ = new TcpServer(lab.host(), "127.0.0.1", 8092, Witness::tell)) {
            var shown = run("--rm", "--network", "pasta:-T,8092,--mtu,1400,-I,cont0",
                    podman.image(), "/bin/busybox", "sh", "-c",
                    "busybox nc 127.0.0.1 8092; busybox ip link").ok();
            assertTrue(shown.startsWith("127.0.0.1 "), shown);
            assertTrue(shown.contains("cont0") && shown.contains("mtu 1400"), shown);
        }
    }

    private static Outcome run(String... words) {
        var all = new ArrayList<>(List.of("run", "--rootfs"));
        all.addAll(List.of(words));
        return podman.run(all.toArray(String[]::new));
    }
}
