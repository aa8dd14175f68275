// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import org.junit.jupiter.api.Test;

/**
 * The downcall that goes round the linker. Other tests take whichever there is: most of them have
 * this one, those that start a JVM of their own the linker's.
 */
class ShortLinkTest {
    private static final MethodHandle HANDLE = ShortLink.make(Native.X86_64);
    private final MemorySegment errno = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    @Test
    void isMadeByOneVersionAndNoOther() {
        if (Runtime.version().feature() == 25) {
            assertEquals(MethodType.methodType(long.class, long.class, long.class, long.class,
                    long.class, long.class, long.class, long.class, long.class), HANDLE.type());
        } else {
            assertNull(HANDLE);
        }
    }

    @Test
    void callsAsTheLinkerWould() throws Throwable {
        if (HANDLE == null) return;
        assertEquals(ProcessHandle.current().pid(), call("getpid", 0, 0, 0, 0, 0, 0));
        assertEquals(1L << 40, call("labs", -(1L << 40), 0, 0, 0, 0, 0));
        assertEquals(-1, (int) call("close", -1, 0, 0, 0, 0, 0));
        assertEquals(Errno.EBADF, errno.get(ValueLayout.JAVA_INT, 0));
        MemorySegment text = Arena.ofAuto().allocate(64);
        MemorySegment format = Arena.ofAuto().allocateFrom("%ld %ld %ld");
        assertEquals(16, (int) call("snprintf", text.address(), 64, format.address(), -1, 1L << 33,
                77));
        assertEquals("-1 8589934592 77", text.getString(0));
    }

    private long call(String function, long a, long b, long c, long d, long e, long f)
            throws Throwable {
        return (long) HANDLE.invokeExact(Native.function(function).address(), errno.address(),
                a, b, c, d, e, f);
    }
}
