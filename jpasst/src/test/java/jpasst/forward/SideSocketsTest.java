// SPDX-License-Identifier: Apache-2.0
package jpasst.forward;

import static jpasst.testing.NetworkSandbox.command;
import static jpasst.testing.NetworkSandbox.inside;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;

import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Interface;
import jpasst.linux.Sockets;
import jpasst.log.Log;

class SideSocketsTest {
    private final Addresses addresses = new Addresses(new Log());
    private final SideSockets sockets = new SideSockets(addresses, Arena.ofAuto());

    private static FlowSide side(String endpoint, int endpointPort, String our, int ourPort) {
        var to = IpAddress.parse(endpoint);
        var from = IpAddress.parse(our);
        return new FlowSide().set(to.high(), to.low(), endpointPort, from.high(), from.low(),
                ourPort);
    }

    /** Binds, connects, and returns the first error or the descriptor. */
    private int connected(FlowSide side) {
        int fd = sockets.open(Pif.HOST, side, Sockets.SOCK_DGRAM, 0);
        assertTrue(fd >= 0);
        int rc = sockets.bind(fd, Pif.HOST, side, side.ourPort());
        if (rc == 0) {
            rc = sockets.connect(fd, Pif.HOST, side);
        }
        if (rc == 0) {
            rc = sockets.readName(fd);
        }
        if (rc < 0) {
            Files.close(fd);
            return rc;
        }
        return fd;
    }

    @Test
    void bindsToOurAddressAndPort() throws Exception {
        inside(() -> {
            int fd = connected(side("127.0.0.1", 53, "127.0.0.9", 4000));
            assertTrue(fd >= 0);
            assertEquals(IpAddress.parse("127.0.0.9"),
                    new IpAddress(sockets.nameHigh(), sockets.nameLow()));
            assertEquals(4000, sockets.namePort());
            Files.close(fd);
            fd = connected(side("::1", 53, "::", 0));
            assertEquals(IpAddress.LOOPBACK_V6,
                    new IpAddress(sockets.nameHigh(), sockets.nameLow()));
            Files.close(fd);
        });
    }

    @Test
    void usesOutboundInterfaceButNotForLoopback() throws Exception {
        inside(() -> {
            command("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb");
            command("ip", "address", "add", "10.1.0.1/24", "dev", "va");
            command("ip", "link", "set", "va", "up");
            command("ip", "link", "set", "vb", "up");
            addresses.v4().outboundInterface("va");
            assertEquals("va", boundTo(connected(side("10.1.0.2", 1, "0.0.0.0", 0))));
            assertEquals("", boundTo(connected(side("127.0.0.1", 1, "0.0.0.0", 0))));
            addresses.v4().outboundInterface("none");
            assertEquals(-Errno.ENODEV, connected(side("10.1.0.2", 1, "0.0.0.0", 0)));
        });
    }

    private static String boundTo(int fd) {
        var name = Arena.ofAuto().allocate(16);
        int length = Sockets.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE, name, 0,
                16);
        Files.close(fd);
        return length == 0 ? "" : name.getString(0);
    }

    @Test
    void scopesLinkLocalAddressesToTheTemplateInterface() throws Exception {
        inside(() -> {
            command("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb");
            command("ip", "link", "set", "va", "up");
            command("ip", "link", "set", "vb", "up");
            command("ip", "address", "add", "fe80::1234/64", "dev", "va", "nodad");
            assertEquals(-Errno.EINVAL, connected(side("fe80::99", 1, "::", 0)));
            addresses.v6().templateIndex(Interface.index("va"));
            int fd = connected(side("fe80::99", 1, "::", 0));
            assertTrue(fd >= 0);
            Files.close(fd);
            fd = connected(side("ff02::fb", 1, "fe80::1234", 5353));
            assertTrue(fd >= 0);
            Files.close(fd);
        });
    }

    @Test
    void tellsTakenPortsFromOtherErrors() throws Exception {
        inside(() -> {
            int fd = connected(side("127.0.0.1", 1, "127.0.0.1", 4000));
            int rc = connected(side("127.0.0.1", 2, "127.0.0.1", 4000));
            assertTrue(SideSockets.isPortTaken(rc));
            assertTrue(!SideSockets.isPortTaken(-Errno.ENETUNREACH));
            Files.close(fd);
        });
    }
}
