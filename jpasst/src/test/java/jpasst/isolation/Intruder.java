// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * A program that shuts itself in as ours do, and then tries system calls, on another thread than
 * the one that installed the filter. Prints "sealed", and a result for each call, negative for an
 * error. To be run in a mount namespace of its own.
 *
 * <p>Arguments: passt, pasta or command, for what the sandbox is; then calls, each "NAME(a,b,c)",
 * where an argument is a number in any radix, or a text in single quotes; or names of classes,
 * which it loads.
 */
final class Intruder {
    private static final int ARGUMENTS = 6;
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);

    private final MethodHandle syscall = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().find("syscall").orElseThrow(), SHAPE,
            Linker.Option.captureCallState("errno"));
    private final MemorySegment errno = Arena.global().allocate(Linker.Option.captureStateLayout());
    private final String[] attempts;
    private final StringBuilder results = new StringBuilder("sealed\n");
    private volatile boolean sealed;

    private Intruder(String[] attempts) {
        this.attempts = attempts;
    }

    public static void main(String[] arguments) throws Throwable {
        var intruder = new Intruder(Arrays.copyOfRange(arguments, 1, arguments.length));
        intruder.attempt(parse("GETPID()"));
        intruder.results.setLength("sealed\n".length());
        var thread = new Thread(intruder::attemptAll);
        thread.setDaemon(true);
        thread.start();
        var isolation = new Isolation(new IsolationSettings(!arguments[0].equals("passt"),
                arguments[0].equals("command"), -1, false));
        isolation.leaveFiles();
        isolation.seal();
        System.out.print(intruder.results);
        System.out.flush();
        intruder.results.setLength(0);
        intruder.sealed = true;
        thread.join();
        System.out.print(intruder.results);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private void attemptAll() {
        while (!sealed) Thread.onSpinWait();
        for (var attempt : attempts) {
            if (attempt.endsWith(")")) attempt(parse(attempt));
            else load(attempt);
        }
    }

    private void load(String type) {
        try {
            results.append(Class.forName(type)).append('\n');
        } catch (ClassNotFoundException missing) {
            results.append(missing).append('\n');
        }
    }

    private void attempt(long[] call) {
        try {
            long result = (long) syscall.invokeExact(errno, call[0], call[1], call[2], call[3],
                    call[4], call[5], call[6]);
            results.append(result == -1 ? -errno.get(ValueLayout.JAVA_INT, 0) : result)
                    .append('\n');
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    private static long[] parse(String text) {
        int open = text.indexOf('(');
        var call = Call.valueOf(text.substring(0, open));
        var numbers = new long[1 + ARGUMENTS];
        numbers[0] = call.number(Machine.ofThisProcess());
        var arguments = text.substring(open + 1, text.length() - 1);
        int at = 1;
        for (var argument : arguments.isEmpty() ? new String[0] : arguments.split(",")) {
            numbers[at++] = argument.startsWith("'")
                    ? Arena.global().allocateFrom(argument.substring(1, argument.length() - 1))
                            .address()
                    : Long.decode(argument);
        }
        return numbers;
    }
}
