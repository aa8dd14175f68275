// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Eighteen thousand connections at once, and the memory that they took goes back afterwards. */
@Order(Integer.MAX_VALUE - 3)
class ManyConnectionsTest {
    /** Servers which accept nothing, so that connections take a descriptor at one end only. */
    private static final int SERVERS = 5;
    /** Below the common bound of a queue of connections to accept, 4096. */
    private static final int EACH = 3600;
    /** A call into a namespace opens so many, so that it ends within its limit of time. */
    private static final int PIECE = 900;
    /** What stays: the young generation, 5 MiB, and some room to grow beside what is used. */
    private static final long KEPT_KIB = 6 * 1024;
    /** Where a heap as small as ours is, and nothing else: references have 32 bits. */
    private static final long HEAP_END = 1L << 32;

    @Test
    void giveTheirMemoryBackWhenTheyHaveEnded() throws IOException {
        try (Lab lab = Lab.open();
                Guest guest = lab.guest("-t", "none", "-u", "none", "-T", "none", "-U", "none")) {
            List<Socket> clients = new ArrayList<>();
            List<ServerSocket> servers = new ArrayList<>();
            long before = heapKib(guest);
            int descriptors = guest.pasta().openDescriptors();
            for (int i = 0; i < SERVERS; i++) {
                servers.add(listen(lab));
                connect(guest, servers.getLast().getLocalPort(), clients);
            }
            assertEquals(SERVERS * EACH, guest.pasta().openDescriptors() - descriptors);
            long most = heapKib(guest);
            for (ServerSocket server : servers) server.close();
            for (Socket client : clients) client.close();
            assertTrue(most > before + KEPT_KIB + 512,
                    "the heap grew from " + before + " to " + most + " KiB");
            Patience.until("the heap's growth from " + before + " to " + most + " KiB goes back",
                    Duration.ofSeconds(30), () -> heapKib(guest) <= before + KEPT_KIB);
            assertEquals(descriptors, guest.pasta().openDescriptors());
        }
    }

    private static ServerSocket listen(Lab lab) {
        return lab.world().call(() -> new ServerSocket(0, EACH + 1,
                InetAddress.getByName(Lab.SERVER_V4)));
    }

    private static void connect(Guest guest, int port, List<Socket> to) {
        var client = new Client(guest.inside());
        for (int done = 0; done < EACH; done += PIECE) {
            guest.inside().call(() -> {
                for (int i = 0; i < PIECE; i++) to.add(client.connect(Lab.SERVER_V4, port));
                return null;
            });
        }
    }

    /** Resident pages of the heap of a JVM; none if the program is not in Java. */
    private static long heapKib(Guest guest) {
        long sum = 0;
        boolean inHeap = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + guest.pasta().pid()
                    + "/smaps"))) {
                if (Character.isUpperCase(line.charAt(0))) {
                    if (inHeap && line.startsWith("Rss:"))
                        sum += Long.parseLong(line.replaceAll("\\D", ""));
                } else {
                    inHeap = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16)
                            < HEAP_END;
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return sum;
    }
}
