// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jpasst.linux.Errno;
import jpasst.linux.Files;

/** Looks a command up as execvp(3) would, to say in time and in one line that it is not there. */
final class Executable {
    private static final byte[] DEFAULT_PATH = "/bin:/usr/bin".getBytes(StandardCharsets.US_ASCII);

    private Executable() {
    }

    /**
     * Whether a word names something executable.
     *
     * @return 0, or -errno: -EACCES if something is there but may not be executed
     */
    static int check(byte[] word, byte[][] environment) {
        if (word.length == 0) {
            return -Errno.ENOENT;
        }
        if (indexOf(word, '/', 0) < word.length) {
            return checkFile(word);
        }
        byte[] path = Environment.value(environment, "PATH");
        return checkPath(word, path == null ? DEFAULT_PATH : path);
    }

    private static int checkPath(byte[] word, byte[] path) {
        int worst = -Errno.ENOENT;
        for (int from = 0; from <= path.length; from = indexOf(path, ':', from) + 1) {
            byte[] directory = Arrays.copyOfRange(path, from, indexOf(path, ':', from));
            int rc = checkFile(directory.length == 0 ? word : join(directory, word));
            if (rc == 0) {
                return 0;
            }
            worst = rc == -Errno.EACCES ? rc : worst;
        }
        return worst;
    }

    /** A directory may be "executable" too, but is followed by no slash in vain. */
    private static int checkFile(byte[] file) {
        int rc = Files.access(file, Files.X_OK);
        boolean directory = rc == 0 && Files.access(join(file, new byte[0]), Files.F_OK) == 0;
        return directory ? -Errno.EACCES : rc;
    }

    private static byte[] join(byte[] directory, byte[] name) {
        byte[] joined = Arrays.copyOf(directory, directory.length + 1 + name.length);
        joined[directory.length] = '/';
        System.arraycopy(name, 0, joined, directory.length + 1, name.length);
        return joined;
    }

    /** Where a byte is next, or the length. */
    private static int indexOf(byte[] bytes, char wanted, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] != wanted) {
            at++;
        }
        return at;
    }
}
