// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Runs a filter as the kernel would: classic BPF over {@code struct seccomp_data}. Fails on what
 * the kernel refuses to install: unknown codes, jumps out of the program, an end without an answer.
 */
final class Interpreter {
    private final long[] program;
    /** Instructions run by the last call. */
    int steps;

    Interpreter(long[] program) {
        this.program = program;
        assertTrue(program.length > 0 && program.length <= 4096, "length " + program.length);
        for (int at = 0; at < program.length; at++) checkJumps(at);
        assertTrue((program[program.length - 1] & 0xffff) == 0x06, "no answer at the end");
    }

    private void checkJumps(int at) {
        int code = (int) program[at] & 0xffff;
        int k = (int) (program[at] >>> 32);
        switch (code) {
            case 0x20 -> assertTrue(k >= 0 && k <= 60 && k % 4 == 0, "load from " + k);
            case 0x54, 0x06 -> { }
            case 0x05 -> assertTrue(k >= 0 && at + 1L + k < program.length, "jump from " + at);
            case 0x15, 0x35, 0x45 -> assertTrue(
                    at + 1 + Math.max(ifTrue(at), ifFalse(at)) < program.length, "jump from " + at);
            default -> throw new AssertionError("code " + Integer.toHexString(code));
        }
    }

    private int ifTrue(int at) {
        return (int) (program[at] >>> 16) & 0xff;
    }

    private int ifFalse(int at) {
        return (int) (program[at] >>> 24) & 0xff;
    }

    /** The answer to a call. */
    int run(int architecture, int number, long... arguments) {
        int word = 0;
        steps = 0;
        for (int at = 0;; at++) {
            steps++;
            int k = (int) (program[at] >>> 32);
            switch ((int) program[at] & 0xffff) {
                case 0x20 -> word = load(k, architecture, number, arguments);
                case 0x54 -> word &= k;
                case 0x05 -> at += k;
                case 0x15 -> at += word == k ? ifTrue(at) : ifFalse(at);
                case 0x35 -> at += Integer.compareUnsigned(word, k) >= 0 ? ifTrue(at) : ifFalse(at);
                case 0x45 -> at += (word & k) != 0 ? ifTrue(at) : ifFalse(at);
                default -> {
                    return k;
                }
            }
        }
    }

    private static int load(int offset, int architecture, int number, long[] arguments) {
        if (offset == 0) return number;
        if (offset == 4) return architecture;
        int index = (offset - 16) / 8;
        long argument = index >= 0 && index < arguments.length ? arguments[index] : 0;
        return (int) (offset % 8 == 0 ? argument : argument >>> 32);
    }
}
