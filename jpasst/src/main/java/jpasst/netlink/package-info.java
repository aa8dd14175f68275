// SPDX-License-Identifier: Apache-2.0

/**
 * The host's network as a template, and the namespace's network as its copy, both by rtnetlink(7);
 * and the host's neighbours, as they come and go.
 *
 * <h2>What it is for, and not</h2>
 * A guest shares addresses, routes and names of interfaces with the host. {@link
 * jpasst.netlink.HostNetwork#discover} reads them once at start, from a thread in the host's
 * network namespace; {@link jpasst.netlink.NamespaceConfigurator}, constructed on the inside
 * thread, gives them to the tap device, if --config-net asks for it. A {@link
 * jpasst.netlink.NeighborSocket} alone goes on once packets flow: it tells a listener, from the
 * event loop and without ever waiting, which MAC addresses the host's neighbours have. Nothing
 * changes the host.
 *
 * <h2>Life of a route</h2>
 * The kernel tells it in a dump. {@code Route} remembers what decides (destination, interface,
 * gateway) <em>and the message itself</em>. The template interface is chosen by {@code
 * TemplateChoice}; its routes and addresses travel, immutable, in a {@link
 * jpasst.netlink.FamilyNetwork} to the inside thread. There {@code RouteCopy} turns the message
 * into a request: interface exchanged, a few attributes dropped, everything else byte for byte, so
 * that metrics, encapsulations and what future kernels know survive. Routes whose gateway is not
 * reachable yet are tried again while there is progress.
 *
 * <h2>Invariants</h2>
 * A netlink socket stays in the namespace of the thread that opened it. One request is under way
 * at a time; answers are matched by sequence number. Lengths in messages are checked even though
 * they come from the kernel. Absent addresses are the unspecified address, never {@code null}.
 *
 * <h2>Two families, one code</h2>
 * IPv4 and IPv6 differ in three places only: link-local addresses (an IPv6 template needs one),
 * the prefix of a single address, and duplicate address detection, which {@code configure}
 * avoids: no guest should wait a second for its own address.
 *
 * <h2>Cost</h2>
 * A dump of each kind and family: well below a millisecond on ordinary hosts. Routes beyond one
 * mebibyte per family are refused. News of neighbours are read some dozens at a time; if they come
 * faster than that, the kernel drops them, and the table is read anew.
 *
 * <p>Start reading at {@link jpasst.netlink.HostNetwork}.
 */
package jpasst.netlink;
