// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UdpTimeoutsTest {
    @TempDir
    Path directory;

    @Test
    void readsSecondsFromFile() throws IOException {
        assertEquals(45_000_000_000L, read("45\n"));
    }

    @Test
    void keepsDefaultWithoutFileOrWithNonsense() throws IOException {
        assertEquals(7, UdpTimeouts.read(directory.resolve("none").toString(), 7));
        for (var text : new String[] {"", "\n", "x", "-1", "0", "99999999999", "2000000000"}) {
            assertEquals(7, read(text), text);
        }
    }

    @Test
    void hostsValuesArePositive() {
        assertTrue(UdpTimeouts.ofHost().singleNs() > 0);
        assertTrue(UdpTimeouts.ofHost().streamNs() > 0);
        assertEquals(new UdpTimeouts(30_000_000_000L, 120_000_000_000L), UdpTimeouts.DEFAULT);
    }

    private long read(String text) throws IOException {
        var path = directory.resolve("timeout");
        Files.writeString(path, text);
        return UdpTimeouts.read(path.toString(), 7);
    }
}
