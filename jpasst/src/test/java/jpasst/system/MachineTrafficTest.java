// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP, UDP and ping of a virtual machine, out and in, with large and with usual packets. */
@Order(Integer.MAX_VALUE - 39)
@ExtendWith(MachineScene.Provider.class)
@ParameterizedClass(name = "MTU {0}")
@ValueSource(ints = {65520, 1500})
class MachineTrafficTest {
    private static final int IN = 7100;
    private static final int LENGTH = 50 << 20;
    private static final int CLIENTS = 100;
    private static final Duration BULK = Duration.ofSeconds(120);

    private static Lab lab;
    private static VirtualMachine machine;
    private static MachineScene.Plugged plugged;

    @Parameter
    int mtu;

    @BeforeParameterizedClassInvocation
    static void plug(int mtu, MachineScene scene) {
        lab = scene.lab();
        machine = scene.machine();
        plugged = scene.plug("-m", "" + mtu, "-t", "" + IN, "-u", "" + IN);
        machine.configure();
        // passt learns by the first packet which IPv6 address the guest took.
        machine.until(BULK, "ping -c 1 -W 5 " + Lab.SERVER_V6);
        var answer = ",fork SYSTEM:'echo $SOCAT_PEERADDR'";
        machine.background("tcp", "socat TCP6-LISTEN:" + IN + ",ipv6only=0,reuseaddr" + answer);
        machine.background("udp", "socat UDP6-RECVFROM:" + IN + ",ipv6only=0" + answer);
    }

    @AfterParameterizedClassInvocation
    static void unplug() {
        machine.ok("killall socat; rm -f /tmp/*");
        plugged.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void ping(String server) {
        assertEquals("" + mtu, machine.ok("cat /sys/class/net/eth0/mtu"));
        machine.ok("ping -c 2 -W 5 -s 1400 " + server);
    }

    @ParameterizedTest
    @CsvSource({Lab.SERVER_V4 + "," + Lab.HOST_V4, Lab.SERVER_V6 + ",2001:db8:1:0:0:0:0:10"})
    void aWebPageFromTheWorld(String server, String seenAs) {
        try (var web = new TcpServer(lab.world(), server, TcpServer::page)) {
            assertEquals("page for " + seenAs, get(server, web.port()));
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.GATEWAY_V4 + ",127.0.0.1,127.0.0.1", Lab.GATEWAY_V6 + ",::1,0:0:0:0:0:0:0:1"})
    void theGatewaysAddressIsTheHostsLoopback(String gateway, String loopback, String seenAs) {
        try (var web = new TcpServer(lab.host(), loopback, TcpServer::page)) {
            assertEquals("page for " + seenAs, get(gateway, web.port()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void bulkArrivesAsItWasSent(String server) {
        try (var source = new TcpServer(lab.world(), server, TcpServer.content(LENGTH));
                var sink = new TcpServer(lab.world(), server, TcpServer::digest)) {
            var said = machine.run(BULK, "socat -u " + tcp(server, source.port())
                    + " CREATE:/tmp/bulk && sha256sum </tmp/bulk").ok();
            var sent = source.report();
            assertEquals(sent, LENGTH + " " + said.split(" ")[0]);
            said = machine.run(BULK, "socat -t 60 OPEN:/tmp/bulk,rdonly!!- "
                    + tcp(server, sink.port())).ok();
            assertEquals(sent, sink.report());
            assertEquals(sent, said);
        }
    }

    /** Nobody is answered before everybody has asked. */
    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void aHundredConnectionsAtOnce(String server) {
        var all = new CountDownLatch(CLIENTS);
        try (var echo = new TcpServer(lab.world(), server, connection -> answer(connection, all))) {
            var said = machine.run(Duration.ofSeconds(60), "rm -f /tmp/client.*\n"
                    + "for i in $(seq " + CLIENTS + "); do (echo client $i; sleep 60) | nc "
                    + server + " " + echo.port() + " >/tmp/client.$i & done\n"
                    // Not for the sleeps, which hold the connections open.
                    + "until [ $(cat /tmp/client.* | wc -l) = " + CLIENTS + " ]\n"
                    + "do sleep 0.1; done\n"
                    + "killall nc sleep 2>/dev/null\n"
                    + "for i in $(seq " + CLIENTS + "); do echo hello client $i "
                    + "| cmp - /tmp/client.$i || exit 1; done; echo right").ok();
            assertTrue(said.endsWith("right"), said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void datagramsGoOutAndAnswersComeBack(String server) {
        try (var echo = new UdpEcho(lab.world(), server)) {
            machine.until(BULK, "head -c 1400 /dev/urandom >/tmp/asked;"
                    + " socat -t 0.5 - " + tcp(server, echo.port()).replace("TCP", "UDP")
                    + ",shut-none </tmp/asked | head -c 1400 >/tmp/answered;"
                    + " cmp /tmp/asked /tmp/answered");
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.SERVER_V4 + "," + Lab.HOST_V4, Lab.SERVER_V6 + "," + Lab.HOST_V6})
    void theWorldReachesTheGuest(String from, String host) {
        var client = new Client(lab.world(), from);
        assertEquals(fromGuest(from), client.tcp(host, IN).strip());
        assertEquals(fromGuest(from), client.udp(host, IN).strip());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1," + Lab.GATEWAY_V4, "::1," + Lab.GATEWAY_V6})
    void theHostReachesTheGuestByItsLoopback(String loopback, String seenAs) {
        var client = new Client(lab.host());
        assertEquals(fromGuest(seenAs), client.tcp(loopback, IN).strip());
        assertEquals(fromGuest(seenAs), client.udp(loopback, IN).strip());
    }

    private static String get(String server, int port) {
        var answer = machine.ok("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat -t 10 - "
                + tcp(server, port));
        return answer.substring(answer.lastIndexOf('\n') + 1);
    }

    private static String answer(Socket connection, CountDownLatch all) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(connection.getInputStream(),
                StandardCharsets.US_ASCII));
        var line = reader.readLine();
        all.countDown();
        try {
            if (!all.await(40, TimeUnit.SECONDS)) return "too few";
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
        TcpServer.say(connection, "hello " + line + "\n");
        reader.readLine();
        return line;
    }

    private static String tcp(String server, int port) {
        return (server.contains(":") ? "TCP6:" : "TCP4:") + bracketed(server) + ":" + port;
    }

    private static String bracketed(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    /** An address as socat writes it for a socket of both families. */
    private static String fromGuest(String address) {
        try {
            var bytes = InetAddress.getByName(address).getAddress();
            var mapped = bytes.length == 4 ? "0000:0000:0000:0000:0000:ffff:" : "";
            var groups = HexFormat.ofDelimiter(":").formatHex(bytes);
            return "[" + mapped + groups.replaceAll("(..):(..)", "$1$2") + "]";
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
