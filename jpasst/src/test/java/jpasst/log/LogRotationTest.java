// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import jpasst.linux.Errno;
import jpasst.linux.RegularFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A log file never outgrows its limit; what it has are the latest entries, whole and in order.
 * Both ways to drop the oldest ones are tried, whatever the file systems of this machine can do.
 */
class LogRotationTest {
    private static final int SMALLEST = 40960;
    private static final int BLOCK = 4096;
    private static final String TITLE = "pasta 1.0: /usr/bin/java (77)";
    private static final long SECOND_NS = 1_000_000_000;
    private static final Pattern NEW_TITLE =
            Pattern.compile(Pattern.quote(TITLE) + " - log truncated at [0-9]+\\.[0-9]{4} *");
    private static final Pattern ENTRY =
            Pattern.compile("([0-9]+)\\.[0-9]{4}: info:    <([0-9]+)>x*(\\.\\.\\.)?");

    /** How the oldest entries go, and where the file is. */
    private enum Way {
        /** The file system does it, or refuses: as in production. */
        KERNEL,
        /** As KERNEL, in memory, where the file system cannot. */
        KERNEL_ON_TMPFS,
        /** As a file system does which can, with the checks that the kernel makes. */
        COLLAPSED,
        /** As a file system that can, but in steps longer than ours. */
        REFUSED;

        LogFile open(int fd, int limit) {
            return switch (this) {
                case KERNEL, KERNEL_ON_TMPFS -> new LogFile(fd, limit, TITLE);
                case COLLAPSED -> new LogFile(fd, limit,
                        new LogTrim(fd, limit, TITLE, LogRotationTest::collapse));
                case REFUSED -> new LogFile(fd, limit,
                        new LogTrim(fd, limit, TITLE, (file, length) -> -Errno.EINVAL));
            };
        }

        Path directory() throws IOException {
            return this == KERNEL_ON_TMPFS
                    ? Files.createTempDirectory(Path.of("/dev/shm"), "jpasst-log-")
                    : Files.createTempDirectory("jpasst-log-");
        }
    }

    private static int collapse(int fd, long length) {
        long size = RegularFiles.lseek(fd, 0, RegularFiles.SEEK_END);
        if (length % BLOCK != 0 || length <= 0 || length >= size) return -Errno.EINVAL;
        try (var arena = Arena.ofConfined()) {
            var rest = arena.allocate(size - length);
            assertEquals(rest.byteSize(),
                    jpasst.linux.Files.pread(fd, rest, 0, rest.byteSize(), length));
            assertEquals(rest.byteSize(),
                    RegularFiles.pwrite(fd, rest, 0, rest.byteSize(), 0));
        }
        return RegularFiles.ftruncate(fd, size - length);
    }

    /** A file, the log that writes to it, and a clock for that. */
    private static final class Scene implements AutoCloseable, Log.Clock {
        private final Path directory;
        private final Path path;
        private final int limit;
        private final int fd;
        private final Log log;
        private long nowNs = 5 * SECOND_NS;
        private long written;
        private boolean full;

        Scene(Way way, int limit) throws IOException {
            this.limit = limit;
            directory = way.directory();
            path = directory.resolve("log");
            fd = Errno.check("open", jpasst.linux.Files.open(path.toString(),
                    jpasst.linux.Files.O_RDWR | jpasst.linux.Files.O_CREAT, 0600));
            log = new Log(way.open(fd, limit), this);
        }

        @Override
        public long nowNs() {
            return nowNs;
        }

        void write(int length) {
            log.info("<" + written++ + ">" + "x".repeat(length));
            long size = RegularFiles.lseek(fd, 0, RegularFiles.SEEK_END);
            assertTrue(size <= limit, () -> size + " bytes");
            full |= size > limit - 2 * Line.MAXIMUM_BYTES;
        }

        /** Checks all there is: the latest entries, without a gap, and not too few of them. */
        void check() throws IOException {
            var lines = Files.readAllLines(path);
            boolean fresh = lines.getFirst().equals(TITLE);
            assertTrue(fresh || NEW_TITLE.matcher(lines.getFirst()).matches(), lines.getFirst());
            long number = written - (lines.size() - 1);
            assertTrue(!fresh || number == 0, lines.getFirst());
            long second = 0;
            for (var line : lines.subList(1, lines.size())) {
                var entry = ENTRY.matcher(line);
                assertTrue(entry.matches(), line);
                assertEquals(number++, Long.parseLong(entry.group(2)));
                long time = Long.parseLong(entry.group(1));
                assertTrue(time >= second, line);
                second = time;
            }
            assertEquals(written, number);
            assertTrue(!full || Files.size(path) > limit * 4L / 10, "too little is kept");
        }

        @Override
        public void close() throws IOException {
            jpasst.linux.Files.close(fd);
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheLatestOfADay(Way way) throws IOException {
        var random = new Random(way.ordinal());
        try (var scene = new Scene(way, way == Way.KERNEL ? 1 << 20 : SMALLEST)) {
            for (int second = 0; second < 86_400; second++) {
                scene.nowNs += SECOND_NS;
                for (int i = random.nextInt(9); i > 0; i--) scene.write(length(random));
                if (second % 600 == 0) scene.check();
            }
            scene.check();
            assertNotEquals(TITLE, Files.readAllLines(scene.path).getFirst());
        }
    }

    private static int length(Random random) {
        return switch (random.nextInt(200)) {
            case 0 -> random.nextInt(20_000);
            case 1, 2 -> random.nextInt(2000);
            default -> random.nextInt(120);
        };
    }

    @ParameterizedTest
    @EnumSource
    void staysWithinItsLimitWhateverIsWritten(Way way) throws IOException {
        for (int length : new int[] {0, 1, 4050, 8191, 8192, 50_000, 3_000_000}) {
            try (var scene = new Scene(way, SMALLEST)) {
                for (int i = 0; i < 60 + 300_000 / (length + 100); i++) scene.write(length);
                scene.check();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhenItDroppedEntries(Way way) throws IOException {
        try (var scene = new Scene(way, SMALLEST)) {
            while (Files.readAllLines(scene.path).getFirst().equals(TITLE)) {
                scene.nowNs += SECOND_NS / 4;
                scene.write(900);
            }
            var title = Files.readAllLines(scene.path).getFirst();
            double time = scene.written / 4.0;
            assertTrue(title.startsWith(TITLE + " - log truncated at " + time), title);
            long dropped = scene.written - (Files.readAllLines(scene.path).size() - 1);
            assertTrue(dropped * 920 > SMALLEST / 4 && dropped * 920 < SMALLEST * 4 / 10,
                    dropped + " entries");
        }
    }

    /** A program with a long path has a title all the same. */
    @Test
    void cutsALongTitle() throws IOException {
        var path = Files.createTempFile("jpasst-log-", "");
        int fd = jpasst.linux.Files.open(path.toString(), jpasst.linux.Files.O_RDWR, 0);
        try {
            var file = new LogFile(fd, SMALLEST, "ä".repeat(10_000));
            for (int i = 0; i < 3000; i++) file.write(Level.INFO, 0, "entry of some length");
            assertTrue(Files.size(path) <= SMALLEST);
            var lines = Files.readAllLines(path);
            assertTrue(lines.getFirst().matches("ä{512} - log truncated at 0\\.0000 *"),
                    lines.getFirst());
            assertEquals(List.of("0.0000: info:    entry of some length"),
                    lines.stream().skip(1).distinct().toList());
        } finally {
            jpasst.linux.Files.close(fd);
            Files.delete(path);
        }
    }

    /** Without a way to drop anything it stops. */
    @Test
    void stopsWhereNothingCanBeDropped() throws IOException {
        var path = Files.createTempFile("jpasst-log-", "");
        int fd = jpasst.linux.Files.open(path.toString(), jpasst.linux.Files.O_WRONLY, 0);
        try {
            var file = new LogFile(fd, SMALLEST, TITLE);
            for (int i = 0; i < 5000; i++) file.write(Level.INFO, 0, "entry " + i);
            assertTrue(Files.size(path) <= SMALLEST);
        } finally {
            jpasst.linux.Files.close(fd);
            Files.delete(path);
        }
    }
}
