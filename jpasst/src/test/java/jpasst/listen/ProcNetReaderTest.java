// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ProcNetReaderTest {
    private static final String HEADINGS = "  sl  local_address rem_address   st tx_queue"
            + " rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    private static final String REST = " 00000000:00000000 00:00000000 00000000     0        0"
            + " 17 1 ffff9d 100 0 0 10 0\n";
    private static final String LISTENING = line(0, "0100007F:1F90 00000000:0000 0A");
    private static final String CONNECTED = line(1, "0100007F:C350 0100007F:1F90 01");
    private static final String LISTENING6 =
            line(2, "00000000000000000000000001000000:01bb"
                    + " 00000000000000000000000000000000:0000 0A");

    private static String line(int number, String start) {
        return "   " + number + ": " + start + REST;
    }

    private final ProcNetReader reader = new ProcNetReader();

    private String read(byte[] content, boolean sorted) throws IOException {
        Path file = java.nio.file.Files.createTempFile("proc-net", "");
        java.nio.file.Files.write(file, content);
        int fd = Errno.check("open", Files.open(file.toString(), Files.O_RDONLY, 0));
        try {
            var ports = new PortSet();
            assertTrue(reader.read(fd, Sockets.TCP_LISTEN, sorted, ports));
            return ports.toString();
        } finally {
            Files.close(fd);
            java.nio.file.Files.delete(file);
        }
    }

    private String read(String content, boolean sorted) throws IOException {
        return read(content.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), sorted);
    }

    @Test
    void takesPortsOfTheStateWanted() throws IOException {
        assertEquals("443 8080", read(HEADINGS + LISTENING + LISTENING6 + CONNECTED, true));
        assertEquals("", read(HEADINGS, true));
        assertEquals("", read("", true));
    }

    @Test
    void stopsAtAnotherStateOnlyIfSorted() throws IOException {
        assertEquals("8080", read(HEADINGS + LISTENING + CONNECTED + LISTENING6, true));
        assertEquals("443 8080", read(HEADINGS + LISTENING + CONNECTED + LISTENING6, false));
    }

    @Test
    void readsOnOverManyBuffers() throws IOException {
        var content = new StringBuilder(HEADINGS);
        for (int port = 1; port <= 3000; port++) {
            content.append(line(port, "0100007F:" + Integer.toHexString(0x10000 | port)
                    .substring(1) + " 00000000:0000 0A"));
        }
        assertTrue(content.length() > 3 * ProcNetReader.BUFFER_LENGTH);
        assertEquals(3000, read(content.toString(), true).split(" ").length);
    }

    @Test
    void passesOverLinesThatAreNotAsTheyShouldBe() throws IOException {
        for (String bad : new String[] {"\n", ":\n", "::::\n", "0: 0:0 0:0 0A\n",
            line(1, "0100007F:1F9 00000000:0000 0A"), line(1, "0100007F:1F900 0000:0000 0A"),
            line(1, "0100007F:1G90 00000000:0000 0A"), line(1, "0100007F:1F91 0:0 XX"),
            line(1, "0100007F:1F91 00000000:0000"), "1: 0100007F:1F91 00000000:0000 0\n",
            "1: 0100007F:1F91 00000000:0000 \n", "x".repeat(200_000) + "\n",
            "\0".repeat(70_000)}) {
            assertEquals("443", read(HEADINGS + bad + "\n" + LISTENING6, true), bad);
        }
    }

    @Test
    void passesOverALineCutShort() throws IOException {
        String whole = HEADINGS + LISTENING6 + LISTENING;
        for (int length = 0; length <= whole.length(); length++) {
            String ports = read(whole.substring(0, length), true);
            assertEquals(length == whole.length() ? "443 8080"
                    : length >= HEADINGS.length() + LISTENING6.length() ? "443" : "", ports);
        }
    }

    @Property(tries = 300)
    void bytesOfAnyKindDoNoHarm(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        byte[] content = (HEADINGS + LISTENING + LISTENING6 + CONNECTED).repeat(3)
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(40); i > 0; i--) {
            content[random.nextInt(content.length)] = (byte) random.nextInt();
        }
        read(content, random.nextBoolean());
    }

    @Test
    void saysIfItCannotRead() {
        assertFalse(reader.read(1 << 20, Sockets.TCP_LISTEN, true, new PortSet()));
    }
}
