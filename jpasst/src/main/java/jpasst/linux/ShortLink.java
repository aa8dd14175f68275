// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Field;

/**
 * Links the downcall as the JDK's linker does in the end, without the way it takes there.
 *
 * <p>{@link java.lang.foreign.Linker} finds out from layouts in which register each argument
 * travels, and makes a class that turns memory segments into addresses; for that it loads hundreds
 * of classes, which is a large part of the way to the command (docs/design/start-up.md). The one
 * shape here is known, and addresses are what we have: so the JDK's own description of this
 * platform's registers goes to its own entry point at once. These are inner classes of one version
 * of the JDK. The run-time image of the distribution opens them to this module (packaging/image);
 * with another version, or where they are closed, there is no short link, and the linker is asked.
 */
final class ShortLink {
    /** The version of the JDK whose inner classes are meant. */
    private static final int FEATURE = 25;
    /** Longs that a call passes. */
    private static final int ARGUMENTS = 6;
    /** What the entry point calls the state that is to be captured. */
    private static final int ERRNO = 1 << 2;
    private static final String ABI = "jdk.internal.foreign.abi.";
    private static final String ACCESS = "jdk.internal.access.";

    private final Class<?> storage;
    private final Class<?> descriptor;
    private final Object abi;

    private ShortLink(boolean x86) throws ReflectiveOperationException {
        storage = Class.forName(ABI + "VMStorage");
        descriptor = Class.forName(ABI + "ABIDescriptor");
        Field field = x86
                ? Class.forName(ABI + "x64.sysv.CallArranger").getDeclaredField("CSysV")
                : Class.forName(ABI + "aarch64.CallArranger").getDeclaredField("C");
        field.setAccessible(true);
        abi = field.get(null);
    }

    /**
     * A handle of (address of the function, address of 4 bytes for errno, six longs) to long.
     *
     * @param x86 whether this is x86-64; aarch64 otherwise
     * @return null if there is no short link here
     */
    static MethodHandle make(boolean x86) {
        if (Runtime.version().feature() != FEATURE) return null;
        try {
            return new ShortLink(x86).link();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError closed) {
            return null;
        }
    }

    private MethodHandle link() throws ReflectiveOperationException {
        Object arguments = Array.newInstance(storage, 2 + ARGUMENTS);
        Array.set(arguments, 0, descriptor.getMethod("targetAddrStorage").invoke(abi));
        Array.set(arguments, 1, descriptor.getMethod("capturedStateStorage").invoke(abi));
        System.arraycopy(integerRegisters("inputStorage"), 0, arguments, 2, ARGUMENTS);
        Object results = Array.newInstance(storage, 1);
        System.arraycopy(integerRegisters("outputStorage"), 0, results, 0, 1);
        Class<?> entryPoint = Class.forName(ABI + "NativeEntryPoint");
        Class<?> storages = storage.arrayType();
        Object entry = entryPoint.getMethod("make", descriptor, storages, storages,
                MethodType.class, boolean.class, int.class, boolean.class, boolean.class)
                .invoke(null, abi, arguments, results, type(), false, ERRNO, true, false);
        Object invocation = Class.forName(ACCESS + "SharedSecrets")
                .getMethod("getJavaLangInvokeAccess").invoke(null);
        return (MethodHandle) Class.forName(ACCESS + "JavaLangInvokeAccess")
                .getMethod("nativeMethodHandle", entryPoint).invoke(invocation, entry);
    }

    private Object integerRegisters(String field) throws ReflectiveOperationException {
        return Array.get(descriptor.getField(field).get(abi), 0);
    }

    private static MethodType type() {
        return MethodType.methodType(long.class, long.class, long.class, long.class, long.class,
                long.class, long.class, long.class, long.class);
    }
}
