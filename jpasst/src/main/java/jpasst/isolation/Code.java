// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import java.util.Arrays;
import jpasst.linux.Seccomp;

/**
 * Instructions of a filter, one behind the other: a small assembler for classic BPF. Every jump
 * goes forward by a number of instructions, so that code can be moved as a whole.
 *
 * <p>Conditions look at the word loaded last: the number of the call, or the lower half of one of
 * its arguments, which is all that the kernel takes of an int.
 */
final class Code {
    private static final int ARGUMENT_LENGTH = 8;
    private static final int UPPER_HALF = 4;
    /** How far a conditional jump reaches. */
    private static final int REACH = 255;

    private long[] instructions = new long[16];
    private int length;

    /** Just an answer. */
    static Code answer(int verdict) {
        return new Code().give(verdict);
    }

    /** Loads the lower half of an argument, counted from 0. */
    Code argument(int index) {
        return load(Seccomp.DATA_ARGUMENTS + index * ARGUMENT_LENGTH);
    }

    /** Loads the upper half. */
    Code upperHalf(int index) {
        return load(Seccomp.DATA_ARGUMENTS + index * ARGUMENT_LENGTH + UPPER_HALF);
    }

    /** Loads the word at an offset of what the kernel shows ({@code struct seccomp_data}). */
    Code load(int offset) {
        return add(Seccomp.BPF_LOAD_WORD, 0, 0, offset);
    }

    /** Clears the bits of the loaded word that are not in the mask. */
    Code mask(int bits) {
        return add(Seccomp.BPF_AND, 0, 0, bits);
    }

    /** The answer if the word is one of some values; goes on else. */
    Code giveIf(int verdict, int... values) {
        for (int value : values) {
            add(Seccomp.BPF_JUMP_IF_EQUAL, 0, 1, value).give(verdict);
        }
        return this;
    }

    /** The answer if the word is not this value; goes on else. */
    Code giveUnless(int verdict, int value) {
        return add(Seccomp.BPF_JUMP_IF_EQUAL, 1, 0, value).give(verdict);
    }

    /** The answer if the word has any of these bits; goes on else. */
    Code giveIfSet(int verdict, int bits) {
        return add(Seccomp.BPF_JUMP_IF_SET, 0, 1, bits).give(verdict);
    }

    /** The answer if the word, unsigned, is at least this value; goes on else. */
    Code giveFrom(int verdict, int value) {
        return add(Seccomp.BPF_JUMP_IF_GREATER_OR_EQUAL, 0, 1, value).give(verdict);
    }

    /** Other code, which always answers, if the word is a value; goes on else. */
    Code when(int value, Code then) {
        if (then.length > REACH) throw new IllegalArgumentException("too long for a jump");
        return add(Seccomp.BPF_JUMP_IF_EQUAL, 0, then.length, value).append(then);
    }

    /** One code for words, unsigned, from a value on, the other for those below. */
    static Code split(int value, Code below, Code from) {
        Code code = new Code();
        if (below.length <= REACH) {
            code.add(Seccomp.BPF_JUMP_IF_GREATER_OR_EQUAL, below.length, 0, value);
        } else {
            code.add(Seccomp.BPF_JUMP_IF_GREATER_OR_EQUAL, 0, 1, value);
            code.add(Seccomp.BPF_JUMP, 0, 0, below.length);
        }
        return code.append(below).append(from);
    }

    /** The answer, whatever is loaded. */
    Code give(int verdict) {
        return add(Seccomp.BPF_RETURN, 0, 0, verdict);
    }

    /** Other code behind this. */
    Code append(Code other) {
        for (int i = 0; i < other.length; i++) {
            add(other.instructions[i]);
        }
        return this;
    }

    /** Whether it answers as another does. */
    boolean isSame(Code other) {
        return Arrays.equals(instructions, 0, length, other.instructions, 0, other.length);
    }

    /** As {@link Seccomp#install} takes it. */
    long[] instructions() {
        return Arrays.copyOf(instructions, length);
    }

    private Code add(int operation, int ifTrue, int ifFalse, int operand) {
        return add(operation | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32);
    }

    private Code add(long instruction) {
        if (length == instructions.length) instructions = Arrays.copyOf(instructions, 2 * length);
        instructions[length++] = instruction;
        return this;
    }
}
