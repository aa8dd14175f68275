// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The one door to native code: a single downcall shape of six longs, a long result and errno.
 *
 * <p>On x86-64 and aarch64 integers and pointers travel in the same registers, whatever their
 * width and whether the callee is variadic or not; so one shape serves every function of the C
 * library used here, and only one stub is generated at start-up. The price: results of functions
 * that return {@code int} have undefined upper bits and must be cut ({@link #callInt}), and
 * arguments narrower than a register may be passed sign-extended, which the callee ignores. It is
 * linked by {@link ShortLink}, where that can be, else by the JDK's linker.
 *
 * <p>Safe from any thread: errno is captured into memory of the calling thread.
 */
final class Native {
    /** This machine's architecture; the two supported differ in a few numbers and layouts. */
    static final boolean X86_64 = isX86();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    /** One of these two is null. */
    private static final MethodHandle SHORT = ShortLink.make(X86_64);
    private static final MethodHandle CALL = SHORT != null ? null : LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG,
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));
    private static final Contexts CONTEXTS = new Contexts();

    private Native() {
    }

    /** What a thread needs to make calls. Never freed: a few bytes per thread that ever called. */
    private static final class Context {
        final MemorySegment errno = Arena.global().allocate(Linker.Option.captureStateLayout());
        final MemorySegment scratch = Arena.global().allocate(SCRATCH_LENGTH, 8);
    }

    private static final class Contexts extends ThreadLocal<Context> {
        @Override
        protected Context initialValue() {
            return new Context();
        }
    }

    /** Bytes of {@link #scratch}. */
    static final int SCRATCH_LENGTH = 64;

    private static boolean isX86() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> true;
            case "aarch64" -> false;
            default -> throw new UnsupportedOperationException("architecture " + name);
        };
    }

    /**
     * The address of a function of the C library. Classes keep those of hot calls in static
     * finals; calls made once or twice in a process look theirs up each time.
     *
     * @throws UnsupportedOperationException if the library does not have it
     */
    static MemorySegment function(String name) {
        MemorySegment function = functionOrNull(name);
        if (function == null) {
            throw new UnsupportedOperationException("C library lacks " + name);
        }
        return function;
    }

    /** As {@link #function}, {@code null} if the library does not have it. */
    static MemorySegment functionOrNull(String name) {
        return LIBC.find(name).orElse(null);
    }

    /** 64 bytes of the calling thread, for small out-parameters of one call; never kept. */
    static MemorySegment scratch() {
        return CONTEXTS.get().scratch;
    }

    /**
     * The address of {@code length} bytes at {@code at}, checked to be inside an off-heap segment.
     * The caller keeps the segment alive during the call: all memory passed here belongs to arenas
     * that outlive it.
     */
    static long pointer(MemorySegment segment, long at, long length) {
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("segment is on the heap");
        }
        return segment.address() + at;
    }

    /** A call that returns {@code ssize_t} or {@code long}: the result, or -errno if it is -1. */
    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        MemorySegment errno = CONTEXTS.get().errno;
        long result = invoke(function, errno, a, b, c, d, e, f);
        return result != -1 ? result : -errno.get(JAVA_INT, 0);
    }

    /** A call that returns {@code int}: the result, or -errno if it is -1. */
    static int callInt(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        MemorySegment errno = CONTEXTS.get().errno;
        int result = (int) invoke(function, errno, a, b, c, d, e, f);
        return result != -1 ? result : -errno.get(JAVA_INT, 0);
    }

    /** A call that returns an unsigned, and 0 for an error: the result, or -errno. */
    static int callUnsigned(MemorySegment function, long a) {
        MemorySegment errno = CONTEXTS.get().errno;
        int result = (int) invoke(function, errno, a, 0, 0, 0, 0, 0);
        return result != 0 ? result : -errno.get(JAVA_INT, 0);
    }

    static int callInt(MemorySegment function) {
        return callInt(function, 0, 0, 0, 0, 0, 0);
    }

    static int callInt(MemorySegment function, long a) {
        return callInt(function, a, 0, 0, 0, 0, 0);
    }

    static int callInt(MemorySegment function, long a, long b) {
        return callInt(function, a, b, 0, 0, 0, 0);
    }

    static int callInt(MemorySegment function, long a, long b, long c) {
        return callInt(function, a, b, c, 0, 0, 0);
    }

    static int callInt(MemorySegment function, long a, long b, long c, long d) {
        return callInt(function, a, b, c, d, 0, 0);
    }

    private static long invoke(MemorySegment function, MemorySegment errno,
            long a, long b, long c, long d, long e, long f) {
        try {
            if (SHORT != null) {
                return (long) SHORT.invokeExact(function.address(), errno.address(),
                        a, b, c, d, e, f);
            }
            return (long) CALL.invokeExact(function, errno, a, b, c, d, e, f);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
