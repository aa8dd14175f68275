// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import jpasst.testing.NetworkSandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EphemeralPortsTest {
    @Test
    void readsTheFile() {
        assertEquals(new PortRange(32768, 60999), EphemeralPorts.parse("32768\t60999\n"));
        assertEquals(new PortRange(40000, 40000), EphemeralPorts.parse("40000\t40000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "32768", "32768 60999", "60999\t32768", "1\t65536", "1\t2\t3",
        "x\ty"})
    void doesNotGuess(String text) {
        assertNull(EphemeralPorts.parse(text));
    }

    @Test
    void asksTheNamespace() throws Exception {
        var logged = new RecordingDestination();
        NetworkSandbox.inside(() -> {
            NetworkSandbox.sysctl("net/ipv4/ip_local_port_range", "20000 30001");
            assertEquals(new PortRange(20000, 30001), EphemeralPorts.read(new Log(logged)));
        });
        assertEquals(List.of(), logged.lines());
    }
}
