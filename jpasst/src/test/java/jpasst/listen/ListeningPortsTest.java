// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.testing.InSandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InSandbox.class)
class ListeningPortsTest {
    private final ListeningPorts listening = new ListeningPorts();

    /** Many more than one answer holds. */
    @Test
    void findsAllOfManyOverBothFamilies() throws Exception {
        var open = new ArrayList<ServerSocket>();
        var expected = new ArrayList<String>();
        try (var files = ProcNetFiles.open()) {
            for (int port = 5000; port < 7000; port++) {
                open.add(new ServerSocket(port, 1,
                        InetAddress.getByName(port % 2 == 0 ? "127.0.0.1" : "::1")));
                expected.add(String.valueOf(port));
            }
            var ports = new PortSet();
            for (int i = 0; i < 2; i++) {
                assertTrue(listening.read(files.diagnosis(), ports));
                assertEquals(expected, List.of(ports.toString().split(" ")));
            }
        } finally {
            for (var server : open) server.close();
        }
    }

    @Test
    void saysIfTheKernelDoesNotTell() {
        assertFalse(listening.read(-1, new PortSet()));
        int other = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
        assertFalse(listening.read(other, new PortSet()));
        Files.close(other);
    }
}
