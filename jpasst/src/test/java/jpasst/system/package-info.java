// SPDX-License-Identifier: Apache-2.0

/**
 * Whole-program tests: {@code pasta} and {@code passt} seen from outside, as a user sees them.
 *
 * <h2>The scene</h2> Each class opens a {@link jpasst.system.Lab}: two network namespaces joined by
 * a veth pair. "host" is the machine on which pasta runs, "world" is everything beyond it: the
 * default gateway, and servers on another address (the gateway's own address means the host's
 * loopback to a guest, so it never serves as the peer of an ordinary test). pasta runs in "host"
 * as an unprivileged user; its command is usually one of the small Python programs among the test
 * resources, which plays the application in the guest. Servers are threads of this JVM which
 * joined "world", so a test sees both ends and compares what they say. For forwarded ports it is
 * the other way round: a {@link jpasst.system.Guest} is a pasta whose command only waits, while
 * threads of this JVM serve in its namespace.
 *
 * <h2>Guests of passt</h2> passt runs in "host" too, on a UNIX socket in the lab's directory
 * ({@link jpasst.system.Passt}). Two kinds of guest connect to it. A
 * {@link jpasst.system.SocketGuest} is this JVM, which writes frames made by
 * {@link jpasst.testing.FrameBuilder} and looks at what comes back. A
 * {@link jpasst.system.VirtualMachine} is a Linux in QEMU, emulated, whose image
 * {@code jpasst/src/test/guest} makes; all test classes share one boot of it
 * ({@link jpasst.system.MachineScene}), each plugs in a network card of its own.
 *
 * <h2>Callers</h2> Programs that call pasta or passt are imitated by their command lines: a
 * {@link jpasst.system.ContainerEngine} has namespaces as Podman has them, a
 * {@link jpasst.system.Daemon} is what is left when the caller is alone again. Podman itself runs
 * in a tree of its own ({@link jpasst.system.Podman}, made by {@code jpasst/src/test/podman}).
 *
 * <h2>The rules</h2> Nothing of the product is called: the program is a file, {@code
 * -Djpasst.program=FILE}, by default {@code bin/pasta} of the tree, and the {@code passt} beside
 * it. The C original runs through the same tests ({@code JPASST_CACHE=DIRECTORY bench/original}
 * fetches it, prints the FILE; everybody must be able to read the directory); where it is known to
 * fail one, a comment says so. A missing tool fails the test. Every wait has an end, every process
 * is ended by its own id, and what a lab puts outside its namespaces is one temporary directory
 * and, for one test, sockets in {@code /tmp}. {@code /dev/net/tun} is opened up in a private mount
 * namespace, so the machine's own node stays as it is.
 *
 * <h2>Order</h2> Cheap classes first, by {@link org.junit.jupiter.api.Order}; gigabytes last.
 * Start reading at {@link jpasst.system.StartTest}.
 */
package jpasst.system;
