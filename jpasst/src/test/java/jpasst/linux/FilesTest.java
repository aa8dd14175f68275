// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(256, 8);
    private int reading;
    private int writing;

    @BeforeEach
    void openPipe() {
        Errno.check("pipe2", Files.pipe2(memory, Files.O_CLOEXEC | Files.O_NONBLOCK));
        reading = memory.get(ValueLayout.JAVA_INT, 0);
        writing = memory.get(ValueLayout.JAVA_INT, 4);
    }

    @AfterEach
    void close() {
        Files.close(reading);
        Files.close(writing);
        arena.close();
    }

    @Test
    void writesAndReadsAtOffsets() {
        memory.setString(16, "hello");
        assertEquals(5, Files.write(writing, memory, 16, 5));
        assertEquals(5, Files.read(reading, memory, 100, 50));
        assertEquals("hello", memory.getString(100));
    }

    @Test
    void saysWhyItFailed() {
        assertEquals(-Errno.EAGAIN, Files.read(reading, memory, 0, 10));
        assertEquals(-Errno.EBADF, Files.close(1 << 20));
        assertEquals(-Errno.ENOENT, Files.open("/nonexistent/file", Files.O_RDONLY, 0));
    }

    @Test
    void refusesMemoryOutsideTheSegmentOrOnTheHeap() {
        assertThrows(IndexOutOfBoundsException.class, () -> Files.read(reading, memory, 250, 7));
        assertThrows(IndexOutOfBoundsException.class, () -> Files.read(reading, memory, -1, 7));
        assertThrows(IllegalArgumentException.class,
                () -> Files.read(reading, MemorySegment.ofArray(new byte[8]), 0, 8));
    }

    @Test
    void gathersAndScatters() {
        memory.setString(0, "abcdef");
        MemorySegment iov = arena.allocate(2 * Files.IOVEC_LENGTH, 8);
        Files.iovec(iov, 0, 0, memory, 3, 3);
        Files.iovec(iov, 0, 1, memory, 0, 3);
        assertEquals(6, Files.writev(writing, iov, 0, 2));
        Files.iovec(iov, 0, 0, memory, 100, 2);
        Files.iovec(iov, 0, 1, memory, 102, 20);
        assertEquals(6, Files.readv(reading, iov, 0, 2));
        assertEquals("defabc", memory.getString(100));
    }

    @Test
    void opensCreatesAndRemovesFiles(@TempDir Path directory) {
        String path = directory.resolve("file").toString();
        int fd = Errno.check("open", Files.open(path, Files.O_RDWR | Files.O_CREAT | Files.O_EXCL
                | Files.O_CLOEXEC, 0600));
        assertEquals(-Errno.EEXIST, Files.open(path, Files.O_CREAT | Files.O_EXCL, 0600));
        assertEquals(Files.FD_CLOEXEC, Files.fcntl(fd, Files.F_GETFD, 0));
        assertEquals(0, Files.close(fd));
        assertEquals(0, Files.unlink(path));
        assertEquals(-Errno.ENOENT, Files.unlink(path));
    }

    @Test
    void splicesFromPipeToPipe() {
        MemorySegment two = arena.allocate(8, 4);
        Errno.check("pipe2", Files.pipe2(two, Files.O_CLOEXEC | Files.O_NONBLOCK));
        int in = two.get(ValueLayout.JAVA_INT, 0);
        int out = two.get(ValueLayout.JAVA_INT, 4);
        Files.write(writing, memory, 0, 100);
        assertEquals(100, Files.splice(reading, out, 4096, Files.SPLICE_F_NONBLOCK));
        assertEquals(100, Files.read(in, memory, 0, 200));
        Files.close(in);
        Files.close(out);
    }

    @Test
    void setsAndTellsThePipeSize() {
        int size = Files.fcntl(writing, Files.F_SETPIPE_SZ, 1 << 16);
        assertTrue(size >= 1 << 16);
        assertEquals(size, Files.fcntl(reading, Files.F_GETPIPE_SZ, 0));
    }

    @Test
    void pollsForReadiness() {
        assertEquals(0, Files.poll(reading, Files.POLLIN, 0));
        Files.write(writing, memory, 0, 1);
        assertEquals(Files.POLLIN, Files.poll(reading, Files.POLLIN, 1000));
    }

    @Test
    void asksForBytesInThePipe() {
        Files.write(writing, memory, 0, 42);
        assertEquals(42, Files.ioctlInt(reading, Sockets.SIOCINQ, 0));
    }
}
