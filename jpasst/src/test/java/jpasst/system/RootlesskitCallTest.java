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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Called as rootlesskit does (rootless Docker, containerd): for a process whose tap device is there
 * already and configured, in the foreground, ended by SIGKILL.
 */
@Order(Integer.MAX_VALUE - 43)
class RootlesskitCallTest {
    private static final Duration START = Duration.ofSeconds(10);
    private static final String ADDRESS = "10.0.2.100";
    private static final String GATEWAY = "10.0.2.2";
    private static final String RESOLVER = "10.0.2.3";

    private static Lab lab;

    private Running child;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void startChild() {
        child = lab.pasta().startInstead("unshare", "-Urn", lab.copyOf("child.sh").toString(),
                "tap0", ADDRESS + "/24", GATEWAY, "65520");
        child.awaitLine("ready"::equals);
    }

    @AfterEach
    void endChild() {
        child.close();
    }

    @Test
    void theTapDeviceThatIsThereIsConnected() {
        try (var _ = start("auto", "" + child.pid());
                var _ = new Witness(lab.world(), 8090, Lab.SERVER_V4);
                var resolver = new UdpEcho(lab.world(), Lab.SERVER_V4, 53)) {
            awaitNetwork();
            var client = new Client(inside());
            assertEquals(Lab.HOST_V4, client.seenByTcp(Lab.SERVER_V4, 8090).peer());
            assertEquals("who am I?", client.udp(RESOLVER, resolver.port()));
        }
    }

    /** What listens inside is found, and reached from outside and through the host's loopback. */
    @Test
    void portsAreForwardedByThemselves() {
        try (var _ = start("auto", "" + child.pid())) {
            awaitNetwork();
            try (var _ = new TcpServer(inside(), "::", 8085, Witness::tell)) {
                Patience.until("port 8085 is found", START, () -> !lab.host().run("ss", "-Hltn",
                        "sport", "=", ":8085").isBlank());
                assertEquals(Seen.of(Lab.SERVER_V4, ADDRESS, 8085, true),
                        new Client(lab.world(), Lab.SERVER_V4).seenByTcp(Lab.HOST_V4, 8085));
                assertEquals(8085, new Client(lab.host()).seenByTcp("127.0.0.1", 8085)
                        .localPort());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "auto"})
    void whenKilledItLeavesTheDeviceToItsOwner(String ports) {
        for (int i = 0; i < 2; i++) {
            try (var pasta = start(ports, "" + child.pid())) {
                awaitNetwork();
                pasta.signal("KILL");
                assertEquals(128 + 9, pasta.finishWithPipes().exitCode());
            }
            assertTrue(inside().run("ip", "address", "show", "tap0").contains(ADDRESS));
            assertEquals("", lab.host().run("ss", "-Htuln"));
        }
    }

    /** With a detached network namespace it names both namespaces. */
    @Test
    void theNamespacesMayBeGivenByTheirFiles() {
        var process = "/proc/" + child.pid() + "/ns/";
        try (var pasta = start("none", "--userns=" + process + "user", "--netns=" + process
                + "net")) {
            awaitNetwork();
            child.signal("KILL");
            assertEquals(0, pasta.finishWithPipes().exitCode());
        }
    }

    /** The command line, with what rootlesskit puts last. */
    private static Running start(String ports, String... target) {
        var all = new ArrayList<>(List.of("--foreground", "--stderr", "--ns-ifname=tap0",
                "--mtu=65520", "--no-dhcp", "--no-ra", "--address=" + ADDRESS, "--netmask=24",
                "--gateway=" + GATEWAY, "--dns-forward=" + RESOLVER, "--no-map-gw",
                "--ipv4-only", "--tcp-ports=" + ports, "--udp-ports=" + ports));
        all.addAll(List.of(target));
        return lab.pasta(all.toArray(String[]::new)).start();
    }

    private NetworkNamespace inside() {
        return NetworkNamespace.of(child.pid());
    }

    /** In the foreground nobody says when it is ready: rootlesskit tries, too. */
    private void awaitNetwork() {
        Patience.until("the network is there", START, () -> inside().run("sh", "-c",
                "ping -q -c 1 -W 1 " + Lab.SERVER_V4 + " >/dev/null && echo yes || echo no")
                .contains("yes"));
    }
}
