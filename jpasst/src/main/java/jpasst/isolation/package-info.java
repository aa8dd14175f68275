// SPDX-License-Identifier: Apache-2.0
/**
 * Shuts the program in: whoever takes it over by a packet can do hardly more than it does itself,
 * handle descriptors that are open. docs/security.md says against whom, and what is left.
 *
 * <h2>What happens before</h2> A JVM can do half of it only: it has threads from birth, so it
 * cannot make a user namespace or a PID namespace for itself, and capabilities belong to threads.
 * So the launcher makes user, mount, IPC, UTS and, in the background, PID namespaces, and limits
 * the capabilities which all threads of the JVM begin with. In them the program sets everything up,
 * with the file system still in sight; but once there is a thread inside to configure the
 * namespace, no longer with the right to configure the host's network.
 *
 * <h2>The life of the sandbox</h2> Ports are bound, files are open, nothing was read yet from the
 * guest. {@link jpasst.isolation.Isolation#leaveFiles} has the JVM open what it may want of its own
 * files ({@code Provisions}), and puts an empty directory in the place of all others
 * ({@code EmptyRoot}). Now a command is started, by the inside thread, which has had its mount
 * namespace since it made the network namespace and so still sees files. Then that thread is shut
 * in too, in yet another mount namespace, since the command keeps the one they shared; it will only
 * make sockets. Last, {@link jpasst.isolation.Isolation#seal} takes capabilities from the loop's
 * thread, and from all threads by one call the right to most system calls.
 *
 * <h2>The filter</h2> {@code CallPolicy} is the list: which call gets which answer, and of a few
 * what its arguments must be. {@code Filter} makes a program of it that finds a call by bisection,
 * {@code Code} is the assembler. Three answers: allowed; an error, for what a C library or a JVM
 * tries and can do without; the end of the process, for what neither ever does.
 *
 * <h2>Invariants</h2> All threads are there before the filter: none can be started after it.
 * Nothing is opened after it: what needs a file has its descriptor. Nothing here runs in the host's
 * own mount namespace: the caller checks that the launcher made one. Every step that fails ends the
 * program before it serves anybody.
 *
 * <h2>Cost</h2> Calls allowed whatever their arguments cost nothing from Linux 5.11 on, others some
 * ten comparisons; docs/security.md has figures. Start reading at
 * {@link jpasst.isolation.Isolation}, then {@code CallPolicy}.
 */
package jpasst.isolation;
