// SPDX-License-Identifier: Apache-2.0

/**
 * Where everything is put together: {@link jpasst.main.Main} reads the command line, a
 * {@link jpasst.main.Foundation} is what both programs begin with, {@link jpasst.main.Pasta} or
 * {@link jpasst.main.Passt} makes the network on it, in the order in which each part needs the one
 * before, and {@link jpasst.main.Worker} owns what runs: the loop, the flow table and the
 * protocols.
 *
 * <h2>Threads</h2> The main thread starts up and then runs the loop; it does all the work on
 * frames and sockets, without a lock. The inside thread lives in the guest's network namespace,
 * works only while the main thread waits for it, and is idle once the loop runs.
 *
 * <h2>Sandbox</h2> When everything is open, before the first byte of the guest is read, {@code
 * jpasst.isolation} shuts the program in; a command is started half way. From then on nothing can
 * be opened and no thread started.
 *
 * <h2>Memory</h2> The loop allocates for new flows alone. When many have ended, {@code Reclaiming}
 * has arrays shortened and the JVM give its free pages back, at the price of a pause of some
 * milliseconds.
 *
 * <h2>Ends</h2> The command ends, the joined namespace is gone, SIGTERM or SIGQUIT came, or the tap
 * was deleted: each one an event of the loop, which stops with an exit status. The process then
 * ends by {@code _exit}; the kernel closes what is open, so that peers see their connections end.
 */
package jpasst.main;
