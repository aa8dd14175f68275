// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void knowsTheNamesAndMessagesOfTheLibrary() throws Exception {
        var lines = CHeaders.run("""
                #define _GNU_SOURCE
                #include <stdio.h>
                #include <string.h>
                int main(void) {
                    for (int i = 1; i < 140; i++)
                        if (strerrorname_np(i))
                            printf("%d %s %s\\n", i, strerrorname_np(i), strerror(i));
                    return 0;
                }
                """);
        for (String line : lines) {
            String[] words = line.split(" ", 3);
            int errno = Integer.parseInt(words[0]);
            // Two names for one number; the library picks the other.
            String name = words[1].equals("ENOTSUP") ? "EOPNOTSUPP" : words[1];
            assertEquals(name, Errno.name(errno));
            assertEquals(words[2], Errno.message(errno));
        }
    }

    @Test
    void namesAnUnknownNumberByItself() {
        assertEquals("4095", Errno.name(4095));
        assertEquals("Unknown error 4095", Errno.message(4095));
    }

    @Test
    void checkPassesResultsOnAndThrowsErrors() {
        assertEquals(7, Errno.check("socket", 7));
        assertEquals(1L << 40, Errno.check("write", 1L << 40));
        var failure = assertThrows(LinuxException.class,
                () -> Errno.check("bind", -Errno.EADDRINUSE));
        assertEquals("bind: Address already in use", failure.getMessage());
        assertEquals(Errno.EADDRINUSE, failure.errno());
    }
}
