// SPDX-License-Identifier: Apache-2.0
/**
 * Listening sockets: one for each port of each forwarding rule, on the host and in the namespace,
 * and the look at which ports are bound on the other side. What to do with connections and
 * datagrams is for others, who handle the sockets' events.
 *
 * <h2>Life of a listening socket</h2>
 * {@link jpasst.listen.PortForwarding} is given the rules, at the start and whenever they change.
 * It moves the sockets that fit new rules to them, makes the missing ones, and only then closes
 * what nobody wants. A socket's event carries a {@link jpasst.listen.ListenTag}. A handler without
 * descriptors asks for a pause: the socket leaves the loop for a tenth of a second. Ports that a
 * weak rule could not have are tried again each second, if waiting can help.
 *
 * <h2>Automatic ports</h2>
 * A rule that scans listens on a port only while its target port is bound on the other side. Each
 * second {@link jpasst.listen.PortScan} asks the kernel what is bound on both sides,
 * {@code AutoPorts} computes what is offered, and the sockets of the host follow, then those of
 * the namespace.
 *
 * <h2>Why that neither loops nor swings</h2>
 * Think of namespaces as places and of each pasta as a road between two. A port is
 * <em>vouched for</em> at a place by whoever listens there.
 * <ol>
 * <li>What we listen on at a place we do not see there: a pasta listens here only if somebody
 * else listens there. This is taken from our open sockets before the lists are read, and nothing
 * of ours changes until both have been read. For UDP, where TCP's ports count as well, it is
 * applied to TCP's before they are added; else our TCP socket would vouch for our UDP one.</li>
 * <li>So no pasta listens on one port at both ends, and following a port from road to road never
 * turns back. Where roads form a tree, as when each pasta has a namespace of its own, be it on
 * the same host or inside another's, the way ends at a real server. When that stops, each road
 * closes one look after the one before it: with two pastas on a host within two.</li>
 * <li>A port that servers have on both sides is offered to both at once. Mostly neither can be
 * had. If both could (listening on other addresses than the servers) they would next hide each
 * other, vanish, and come again: so once the host's sockets have followed, what they listen on
 * is no more offered to the namespace ({@code settle}).</li>
 * <li>UDP sockets that say SO_REUSEADDR, as ours must for the sake of flows, can share a port,
 * and the last one gets the datagrams: two pastas would take turns, or a server lose its port.
 * So what is bound to UDP by others where we would listen on any address counts as in use.</li>
 * </ol>
 * Two pastas between the <em>same</em> two namespaces are no tree: each may vouch for the other
 * for ever, and the lists do not tell whose a socket is. Only one of them should be automatic.
 *
 * <h2>Data and owner</h2>
 * All of it is the loop thread's. {@code RuleSockets} has six bytes a port, {@code PortSet} is a
 * bitmap of 8 KiB. {@link jpasst.listen.ProcNetFiles} are opened once, by threads on either side.
 *
 * <h2>Invariants</h2>
 * The sets of ports we listen on hold exactly the ports with open sockets, also of those about
 * to be closed. No event of a closed socket is delivered. If a list cannot be read, what it said
 * last stands, so that no service is lost by it.
 *
 * <h2>Cost</h2>
 * Nothing per round of the loop but two comparisons. A look allocates nothing. Of TCP it asks
 * for the listening sockets only, by sock_diag: 20 us for each family and side, where the
 * {@code /proc} file takes 2 ms a page, for then the kernel searches its table of connections
 * however few there are; it is read where sock_diag is missing. Of UDP all sockets are read, a
 * page at a time as the kernel hands them out. What no rule needs is not looked at.
 */
package jpasst.listen;
