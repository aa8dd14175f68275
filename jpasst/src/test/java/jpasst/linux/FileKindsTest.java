// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FileKindsTest {
    private static int access(String path, int mode) {
        return Files.access(path.getBytes(StandardCharsets.UTF_8), mode);
    }

    @Test
    void tellsWhatMayBeExecuted() {
        assertEquals(0, access("/bin/sh", Files.X_OK));
        assertEquals(0, access("/etc/passwd", Files.F_OK));
        assertEquals(-Errno.EACCES, access("/etc/passwd", Files.X_OK));
        assertEquals(-Errno.ENOENT, access("/no/such/file", Files.F_OK));
    }

    @Test
    void tellsFileSystemsApart() {
        int proc = Files.open("/proc", Files.O_PATH | Files.O_CLOEXEC, 0);
        assertEquals(Files.PROC_SUPER_MAGIC, Files.fileSystemType(proc));
        Files.close(proc);
        assertEquals(-Errno.EBADF, Files.fileSystemType(proc));
    }
}
