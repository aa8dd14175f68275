// SPDX-License-Identifier: Apache-2.0

/**
 * UDP between the guest, sockets on the host, and sockets in the namespace.
 *
 * <h2>What it is for</h2>
 * Datagrams of the guest leave through a socket of their own per flow, and what comes back on it
 * reaches the guest from whom it wrote to. Datagrams from outside come by listening sockets, and
 * go on to the guest or, spliced, from socket to socket. Nothing is fragmented or reassembled
 * here, and no payload is looked into.
 *
 * <h2>Life of a flow</h2>
 * The first datagram between two addresses and ports starts one: {@code FromGuest} or
 * {@link jpasst.udp.UdpListening} see it, {@code UdpFactory} makes the flow. Each side on an
 * interface of sockets gets a socket bound to our address and port and connected to the endpoint,
 * so that the kernel's own lookup finds the flow of every further datagram, and the event's tag
 * names it. The port is kept if it can be; on the initiating side it must, and the interface of
 * the listening socket, too. Between bind and connect a socket takes datagrams of anybody: the
 * deferred pass of the same round reads these with their sender, and gives each to the flow it
 * belongs to. A flow ends after silence, for as long as the host's connection tracking would keep
 * it ({@link jpasst.udp.UdpTimeouts}); when its socket has an error that does not go away; or when
 * the guest itself says that its port is closed, if it began the flow: then the kernel tells the
 * peer the same, since our socket is gone.
 *
 * <h2>From listening sockets</h2>
 * They are read in batches, within bounds, and each datagram goes on by its flow's other side. A
 * new flow's own socket waits until the listening one was empty ({@code HeldFlows}), so that
 * nothing overtakes what that still holds; the loop does not watch it meanwhile. Without
 * descriptors a listening socket pauses. Flows that a deferred pass begins, for datagrams of peers
 * which came to another's new socket, are bounded in each round, so that new peers without end
 * keep nobody else from being served.
 *
 * <h2>From the guest</h2>
 * Datagrams of one flow that follow each other in a batch of frames wait in a {@code SendQueue},
 * by reference, and go out as one message which the kernel segments. A change of flow, length or
 * TTL, and the end of the batch, send what waits. If the kernel cannot segment for that path, they
 * go singly, and the flow remembers up to which length it is worth trying.
 *
 * <h2>From sockets</h2>
 * {@code FromSockets} serves them. {@code SocketReceiver} has the kernel coalesce, or reads a
 * batch at a time straight to where equal datagrams make up one super-frame, and hands it to an
 * {@code Outlet}. To the guest headers are written in front of the payload where it is, and the
 * frame sink segments it if the guest's link cannot. To a socket it takes the {@code SendQueue},
 * from the memory it was read to.
 *
 * <h2>Errors</h2>
 * Sockets queue ICMP errors (IP_RECVERR); {@code UdpErrors} sends them on as if they were about
 * the guest's own datagram, at a limited rate. Towards sockets no error is passed on. A flow that
 * cannot be made costs its datagram, a counter and a rate-limited line. The number of sockets is
 * bounded by the flow table and by the limit on descriptors, beyond which new flows fail and
 * existing ones go on.
 *
 * <h2>Invariants</h2>
 * Both sides of an ACTIVE flow that is not closed are in the hash. A closed one has no socket and
 * no queued datagram, and the next deferred pass frees it. Nothing is queued outside a batch.
 *
 * <h2>Cost</h2>
 * Nothing is allocated per datagram; a flow allocates its body once. 1.3 MiB of buffers, and 2 for
 * listening sockets, of which only what is used becomes memory. A datagram from the guest costs a
 * comparison with the last one's flow, or a hash lookup. Timers: one question per flow and second.
 * A flow from outside costs ten system calls to make, and none beyond the batches' after that.
 *
 * <p>Start reading at {@link jpasst.udp.UdpFlows}.
 */
package jpasst.udp;
