// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Filters of system calls (seccomp(2), linux/seccomp.h): programs of classic BPF (linux/filter.h,
 * linux/bpf_common.h) which see {@code struct seccomp_data} and answer with an action.
 */
public final class Seccomp {
    /** Actions; with {@link #SECCOMP_RET_ERRNO} goes an error number. */
    public static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    public static final int SECCOMP_RET_ERRNO = 0x00050000;
    public static final int SECCOMP_RET_ALLOW = 0x7fff0000;

    /** Architectures, linux/audit.h. */
    public static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    public static final int AUDIT_ARCH_AARCH64 = 0xc00000b7;
    /** A bit in the numbers of the x32 ABI. */
    public static final int X32_SYSCALL_BIT = 0x40000000;

    /** Offsets in what a program sees: number, architecture, six arguments of 8 bytes. */
    public static final int DATA_NUMBER = 0;
    public static final int DATA_ARCHITECTURE = 4;
    public static final int DATA_ARGUMENTS = 16;

    /** Whole operation codes, made of those of linux/bpf_common.h. */
    public static final int BPF_LOAD_WORD = 0x20;
    public static final int BPF_AND = 0x54;
    public static final int BPF_JUMP = 0x05;
    public static final int BPF_JUMP_IF_EQUAL = 0x15;
    public static final int BPF_JUMP_IF_GREATER_OR_EQUAL = 0x35;
    public static final int BPF_JUMP_IF_SET = 0x45;
    public static final int BPF_RETURN = 0x06;
    /** The longest program. */
    public static final int BPF_MAXINSNS = 4096;

    static final int SECCOMP_SET_MODE_FILTER = 1;
    static final int SECCOMP_GET_ACTION_AVAIL = 2;
    static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
    /** {@code struct sock_filter}: u16 code, u8 offset if true, u8 offset if false, u32 operand. */
    static final int INSTRUCTION_LENGTH = 8;
    /** {@code struct sock_fprog}: u16 count, pointer. */
    static final int PROGRAM_LENGTH = 16;
    private static final int PROGRAM_POINTER = 8;

    private Seccomp() {
    }

    /** This machine's architecture, as filters see it. */
    public static int architecture() {
        return Native.X86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
    }

    /**
     * Whether filters can be installed: 0, or -errno if the kernel was built without them, is older
     * than 4.14 or, in a container, does not tell.
     */
    public static int available() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocateFrom(ValueLayout.JAVA_INT,
                    SECCOMP_RET_KILL_PROCESS);
            return (int) SystemCall.call(SystemCall.SECCOMP, SECCOMP_GET_ACTION_AVAIL, 0,
                    action.address(), 0, 0);
        }
    }

    /**
     * Installs a filter for all threads of the process, for ever. The calling thread must have set
     * {@link Processes#PR_SET_NO_NEW_PRIVS}, which then holds for all threads too.
     *
     * <p>Speculation is left to the kernel's default for ordinary processes: in this one there is
     * no secret that one part of it keeps from another, and kernels before 5.16 would slow down
     * all of its code.
     *
     * @param instructions each {@code struct sock_filter} as the kernel has it in memory, read as
     *        one number in the machine's (little endian) byte order
     * @return 0; -errno; or the id of a thread that has another filter already
     */
    public static int install(long[] instructions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate((long) instructions.length * INSTRUCTION_LENGTH, 8);
            for (int i = 0; i < instructions.length; i++) {
                code.setAtIndex(ValueLayout.JAVA_LONG, i, instructions[i]);
            }
            MemorySegment program = arena.allocate(PROGRAM_LENGTH, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.length);
            program.set(ValueLayout.JAVA_LONG, PROGRAM_POINTER, code.address());
            return (int) SystemCall.call(SystemCall.SECCOMP, SECCOMP_SET_MODE_FILTER,
                    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                    program.address(), 0, 0);
        }
    }
}
