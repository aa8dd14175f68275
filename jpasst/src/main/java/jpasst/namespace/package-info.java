// SPDX-License-Identifier: Apache-2.0

/**
 * The namespace at the other end: making or joining it, working in it, and the command that lives
 * there.
 *
 * <h2>Why a thread</h2>
 * A process can have threads in different network namespaces, but a JVM can neither fork nor, with
 * its many threads, enter a user namespace: that is done by the launcher, before. So one platform
 * thread, the {@link jpasst.namespace.InsideThread}, unshares or joins, and stays. A rootless one
 * could not come back. Sockets and the tap device it opens are descriptors of the process; the
 * loop on the outside uses them directly and asks the inside thread for nothing per packet.
 *
 * <h2>Life of a command</h2>
 * The namespace is made and configured; then, last, {@link jpasst.namespace.Command#start} looks
 * the command up, sets host name and ping group range, has the inside thread's children begin in a
 * new PID namespace, resets what they inherit (capabilities, descriptors, ignored SIGCHLD) and
 * spawns {@code sh}. That is process 1 of the PID namespace; it mounts /proc and becomes the
 * command ({@code FirstProcess} tells why). The command shares terminal, session and process group
 * with us. Its end makes {@code pidfd} readable, {@code reap} gives the status; with process 1
 * the kernel ends all other processes in the PID namespace.
 *
 * <h2>Invariants</h2>
 * The inside thread starts no threads. After a command was started in a PID namespace, the inside
 * thread sees that namespace's /proc, where it does not appear itself: what it needs from /proc it
 * opens before. Words and environment of the command are bytes, never decoded. Variables of the
 * launcher's do not reach the command, nor any descriptor beyond standard error.
 *
 * <h2>A namespace that was joined</h2>
 * It belongs to others; {@link jpasst.namespace.NamespaceWatch} tells when its file is gone, and
 * with it our task.
 *
 * <p>Start reading at {@link jpasst.namespace.InsideThread}, then {@link jpasst.namespace.Command}.
 */
package jpasst.namespace;
