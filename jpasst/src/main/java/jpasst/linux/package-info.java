// SPDX-License-Identifier: Apache-2.0
/**
 * System calls, and the structs of the kernel in memory; nothing else in the program sees a
 * native function.
 *
 * <h2>A call</h2> {@code Sockets.sendmsg(fd, message, flags)} turns its memory into an address,
 * after checking that it is off-heap and the range inside it, and goes through
 * {@code Native.call}: one method handle of six longs for all functions of the C library,
 * because generating a stub per signature would take most of the start-up time. errno is
 * captured into memory of the calling thread. The result is the value, or the negated error
 * number; hot code switches on it, set-up code has {@link jpasst.linux.Errno#check} throw. -EINTR
 * is passed on like any other error.
 *
 * <h2>Structs</h2> One class per struct of the kernel: its length, private offsets and static
 * accessors over (segment, offset), in native byte order but for what travels on the network.
 * Plain offsets, not layouts with handles: those cost a millisecond of start-up each, and a test
 * compares every offset, size and constant with the C headers anyway. Where the two
 * architectures differ, {@code Native.X86_64} decides once.
 *
 * <h2>Ownership</h2> Descriptors are ints and belong to who opened them. Memory belongs to the
 * caller, who keeps it alive during the call, and as long as an iovec names it. The only state
 * here is a thread's errno and scratch memory for small arguments.
 *
 * <h2>Cost</h2> 4 to 10 ns above the system call, no allocation, on the calls a packet needs.
 * Functions of hot calls are looked up when their class is first used; others, which open paths
 * or change namespaces, at each call, and they allocate.
 *
 * <p>Start reading at {@code Native}, {@link jpasst.linux.Sockets}, {@link jpasst.linux.Message}.
 */
package jpasst.linux;
