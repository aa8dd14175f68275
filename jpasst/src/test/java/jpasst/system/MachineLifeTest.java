// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.RST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A virtual machine is reset, loses its link or its passt, or dies: what becomes of the rest. */
@Order(Integer.MAX_VALUE - 38)
@ExtendWith(MachineScene.Provider.class)
class MachineLifeTest {
    private static final int MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static MachineScene scene;
    private static Lab lab;
    private static VirtualMachine machine;

    @BeforeAll
    static void take(MachineScene given) {
        scene = given;
        lab = scene.lab();
        machine = scene.machine();
    }

    /** It knows nothing of its connections then: their peers are told, when they say something. */
    @Test
    void aResetMachineBeginsAnew() {
        try (var plugged = scene.plug();
                var talker = new TcpServer(lab.world(), Lab.SERVER_V4,
                        MachineLifeTest::talkToTheEnd)) {
            machine.configure();
            machine.background("talk", "socat -u " + tcp(talker) + " -");
            machine.until(PATIENCE, "grep -q talk /run/talk");
            machine.reset();
            machine.configure();
            assertWorks();
            assertTrue(plugged.passt().process().isAlive());
            var end = talker.report();
            assertTrue(end.matches("Connection reset( by peer)?|Broken pipe"), end);
        }
    }

    @Test
    void aTransferGoesOnWhenTheLinkIsBack() {
        try (var _ = scene.plug();
                var source = new TcpServer(lab.world(), Lab.SERVER_V4,
                        TcpServer.content(60L * MIB))) {
            machine.configure();
            machine.background("get", "socat -u " + tcp(source) + " CREATE:/tmp/bulk; echo over");
            machine.until(PATIENCE, "test $(stat -c %s /tmp/bulk) -gt " + MIB);
            machine.link(false);
            machine.until(PATIENCE, "grep 0 /sys/class/net/eth0/carrier");
            // Long enough for passt to try again several times.
            Patience.pause(1500);
            machine.ok("! grep over /run/get");
            machine.link(true);
            machine.until(PATIENCE, "grep over /run/get");
            var received = machine.run(PATIENCE, "sha256sum </tmp/bulk; rm /tmp/bulk").ok();
            assertEquals(source.report(), 60 * MIB + " " + received.split(" ")[0]);
            assertWorks();
        }
    }

    /**
     * The machine keeps its address, and its card where QEMU can connect again by itself; with an
     * older one somebody has to plug in another card.
     */
    @Test
    void anotherPasstServesARunningMachine() {
        boolean reconnects = VirtualMachine.canReconnect();
        try (var first = Passt.start(lab, "restarted")) {
            if (reconnects) machine.plugReconnecting(first.socket());
            else machine.plug(first.socket());
            machine.configure();
            assertWorks();
            first.process().signal("TERM");
            assertEquals(0, first.process().finish().exitCode());
            Tool.run("rm", "-f", first.socket() + ".pid");
        }
        if (!reconnects) machine.unplug();
        try (var second = Passt.start(lab, "restarted")) {
            if (!reconnects) {
                machine.plug(second.socket());
                machine.configure();
            }
            machine.until(PATIENCE, "ping -c 1 -W 2 " + Lab.SERVER_V4);
            assertWorks();
            machine.unplug();
        }
    }

    @Test
    void aDescriptorGivenToPasstServesAMachine() {
        var socket = lab.directory().resolve("inherited");
        try (var passt = Passt.serve(lab, socket)) {
            machine.plug(socket);
            machine.configure();
            assertWorks();
            machine.unplug();
            assertEquals(0, passt.finish().exitCode());
        }
    }

    /** passt waits for another guest, who is asked about the connection and resets it. */
    @Test
    void aMachineKilledInTheMiddleLeavesPasstServing() {
        try (var passt = Passt.start(lab, "orphan");
                var source = new TcpServer(lab.world(), Lab.SERVER_V4,
                        TcpServer.content(1L << 40));
                var other = VirtualMachine.boot(lab)) {
            other.plug(passt.socket());
            other.configure();
            other.background("get", "socat -u " + tcp(source) + " - | wc -c");
            other.until(PATIENCE, "test $(cat /sys/class/net/eth0/statistics/rx_bytes) -gt " + MIB);
            other.kill();
            try (var guest = SocketGuest.connect(lab, passt.socket())) {
                var segment = guest.await("segment", p -> p.protocol() == Packet.TCP
                        && p.sourcePort() == source.port());
                var answer = new ScriptedTcp(guest, Lab.HOST_V4, segment.targetPort(),
                        Lab.SERVER_V4, source.port());
                answer.segment(segment.acknowledgment(), 0, RST);
                var end = source.report();
                assertTrue(end.matches("Connection reset( by peer)?|Broken pipe"), end);
            }
            assertTrue(passt.process().isAlive());
        }
    }

    /** Until sending fails, at most a minute. */
    private static String talkToTheEnd(Socket connection) throws IOException {
        for (int i = 0; i < 600; i++) {
            TcpServer.say(connection, "talk\n");
            Patience.pause(100);
        }
        return "nobody minds";
    }

    private static void assertWorks() {
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo)) {
            assertEquals("hello", machine.ok("echo hello | socat -t 10 - " + tcp(echo)));
        }
    }

    private static String tcp(TcpServer server) {
        return "TCP4:" + Lab.SERVER_V4 + ":" + server.port();
    }
}
