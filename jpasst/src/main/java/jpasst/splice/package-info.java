// SPDX-License-Identifier: Apache-2.0

/**
 * TCP connections from socket to socket, between host and namespace, by splice(2): the kernel
 * moves references to pages, and no byte passes through this program.
 *
 * <h2>Life of a connection</h2> A socket was accepted on one side, and the rules say that its
 * target is a socket on the other ({@link jpasst.splice.SpliceFlows#open}). That one is made and
 * connected, both are watched, and the flow is active at once ({@link jpasst.splice.Opening}). An
 * event then tells that it is connected, or why not. From then on each event says that there is
 * input, or room for output, and {@link jpasst.splice.Relay} moves what it can in both
 * directions, through a pipe. The end of one stream is passed on when the last byte before it
 * has been; when both have ended, or with the first error, the connection is closing ({@link
 * jpasst.splice.Ending}), and the table's deferred pass closes what it has. An error on one side
 * is a reset for the other.
 *
 * <h2>Data and owner</h2> A connection has two sockets, for life, and a pipe for each direction
 * while there is data in it. Pipes belong to the {@link jpasst.splice.PipePool}, which is bounded:
 * one without a pipe, or without splice(2), is copied ({@link jpasst.splice.Copying}) through a
 * buffer that is empty between two calls. So nothing that was read is ever without a place.
 *
 * <h2>Invariants</h2> A direction has a pipe between two events only if {@code pending} is not 0,
 * and then its receiver is full: {@code OUT_WAIT} is set, or the connection is {@code QUEUED} for
 * another turn. Nothing is read for a receiver that is full, and its sender's input is not watched
 * ({@link jpasst.splice.Watch}). Events are edges: {@code READABLE} and {@code OUT_WAIT} remember
 * what they told.
 *
 * <h2>Cost and bounds</h2> Small messages cost two calls each, besides the wait for the event. A
 * direction moves 1 MiB at an event, a bit more at most; who has more waits for a turn of 8 MiB, of
 * which there is one in each round of the loop ({@link jpasst.splice.Turns}). So a small message
 * waits for one turn and the round's other events, however many transfers there are. An idle
 * connection costs two descriptors, and no time. docs/design/splice.md has the reasons.
 */
package jpasst.splice;
