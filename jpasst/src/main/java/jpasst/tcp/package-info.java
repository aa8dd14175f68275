// SPDX-License-Identifier: Apache-2.0

/**
 * TCP connections between the guest and host sockets (RFC 9293): there is no TCP stack here. The
 * host kernel's socket is one end, the guest's TCP the other, and this package translates.
 *
 * <h2>Life of a connection</h2> A SYN that no flow matches makes one
 * ({@link jpasst.tcp.OutboundOpening}): a socket connects to the peer, and when that has accepted,
 * the guest gets SYN and ACK. The other way round a listening socket accepts
 * ({@link jpasst.tcp.TcpListening}), and the guest gets a SYN ({@link jpasst.tcp.InboundOpening});
 * meanwhile the client is connected already, and what it sends waits in the socket. From then on
 * there is no difference but which side of the flow is the guest's ({@code tapSide}): what the
 * guest sends goes into the socket, straight from its frames ({@link jpasst.tcp.FromGuest},
 * {@link jpasst.tcp.ToSocket}); what the socket receives is peeked at, sent to the guest, and taken
 * out when the guest has acknowledged it ({@link jpasst.tcp.ToGuest}), so that the kernel's copy is
 * the only one, retransmissions included. Each direction ends by itself; when both have, or one
 * side resets, the connection is closed ({@link jpasst.tcp.Ending}) and the table's deferred pass
 * frees it.
 *
 * <h2>Flow control</h2> Never more is advertised than is absorbed. What the socket does not take at
 * once lies in a {@link jpasst.tcp.ReceiveBuffer}, bounded by the window ({@link
 * jpasst.tcp.WindowPolicy}); so do segments that come ahead of a gap. It is acknowledged as what
 * the socket took is: a stalled peer then looks to the guest like what it is, a closed window, and
 * not like loss. All buffers share a bounded pool.
 *
 * <h2>Batches</h2> While frames of a batch come in, connections only collect: bytes to write, the
 * last acknowledgement and window, the wish for an answer. {@link jpasst.tcp.TcpFlows#endBatch}
 * settles each one once: one {@code sendmsg}, one discard, at most one acknowledgement.
 *
 * <h2>Invariants</h2> {@code seqAckFromTap} is the sequence number of the first byte in the
 * socket's queue; {@code seqToTap} minus that is the offset of peeking. The right edge of the
 * window never moves back. An event of a socket is an edge: {@code READABLE} and {@code
 * SOCKET_FULL} remember what it told.
 *
 * <h2>Cost</h2> An idle connection costs a descriptor and one entry in the timing wheel, which
 * is looked at after 30 s and then less and less often, up to 8 minutes. No call changes a socket's
 * registration after the first.
 */
package jpasst.tcp;
