// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a log file looks like, and what is done about one that cannot be written. */
class LogFileTest {
    private static final int LIMIT = 40960;
    private static final String TITLE = "pasta 1.0: /usr/bin/java (77)";

    @TempDir
    private Path directory;
    private int fd = -1;

    @AfterEach
    void close() {
        if (fd >= 0) jpasst.linux.Files.close(fd);
    }

    private LogFile open(Path path) {
        fd = jpasst.linux.Files.open(path.toString(),
                jpasst.linux.Files.O_RDWR | jpasst.linux.Files.O_CREAT, 0600);
        return new LogFile(Errno.check("open", fd), LIMIT, TITLE);
    }

    @Test
    void hasATitleThenTimesAndLevels() throws IOException {
        var path = directory.resolve("log");
        var file = open(path);
        file.write(Level.ERROR, 12_345_678L, "e");
        file.write(Level.WARNING, 1_000_000_000L, "w");
        file.write(Level.INFO, 61_012_300_000L, "    i");
        file.write(Level.DEBUG, 61_012_399_999L, "d");
        file.write(Level.TRACE, 86_400_000_000_000L, "t");
        assertEquals(List.of(TITLE,
                "0.0123: ERROR:   e",
                "1.0000: WARNING: w",
                "61.0123: info:        i",
                "61.0123:          d",
                "86400.0000:          t"), Files.readAllLines(path));
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        var path = directory.resolve("log");
        var opened = LogFile.open(path.toString(), LIMIT, TITLE);
        opened.write(Level.INFO, 0, "x");
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals(2, Files.readAllLines(path).size());
    }

    @Test
    void forgetsWhatTheFileHadBefore() throws IOException {
        var path = directory.resolve("log");
        Files.writeString(path, "old\n".repeat(1000));
        open(path);
        assertEquals(List.of(TITLE), Files.readAllLines(path));
    }

    @Test
    void saysWhyItCannotBeOpened() {
        var path = directory.resolve("nosuch/log").toString();
        var failure = assertThrows(LinuxException.class,
                () -> LogFile.open(path, LIMIT, TITLE));
        assertEquals(Errno.ENOENT, failure.errno());
    }

    @Test
    void goesOnWithoutItsPath() throws IOException {
        var path = directory.resolve("log");
        var other = directory.resolve("other");
        var file = open(path);
        Files.move(path, other);
        for (int i = 0; i < 2000; i++) file.write(Level.INFO, i, "message " + i);
        assertTrue(Files.readString(other).endsWith("message 1999\n"));
        assertTrue(Files.size(other) <= LIMIT);
    }

    /** As log rotation by others does it, with copytruncate. */
    @Test
    void goesOnWhenSomebodyEmptiesIt() throws IOException {
        var path = directory.resolve("log");
        var file = open(path);
        file.write(Level.INFO, 0, "before");
        Files.write(path, new byte[0]);
        file.write(Level.INFO, 0, "after");
        assertEquals("0.0000: info:    after\n", Files.readString(path));
    }

    /** Each write fails with ENOSPC. */
    @Test
    void ignoresAFullDisk() {
        var file = open(Path.of("/dev/full"));
        for (int i = 0; i < 5000; i++) file.write(Level.ERROR, i, "lost");
    }

    @Test
    void writesToWhatHasNoSize() throws Exception {
        var pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        var file = open(pipe);
        file.write(Level.INFO, 0, "through");
        try (var in = new java.io.FileInputStream(pipe.toFile())) {
            var expected = (TITLE + "\n0.0000: info:    through\n").getBytes();
            assertEquals(new String(expected), new String(in.readNBytes(expected.length)));
        }
    }

    /** A pipe holds 64 KiB. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void waitsForNoReader() throws Exception {
        var pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        var file = open(pipe);
        for (int i = 0; i < 3000; i++) file.write(Level.INFO, i, "nobody reads this");
        try (var in = new java.io.FileInputStream(pipe.toFile())) {
            assertEquals(TITLE, new String(in.readNBytes(TITLE.length())));
        }
    }
}
