// SPDX-License-Identifier: Apache-2.0

/**
 * Echo requests of the guest, through unprivileged "ping" sockets of the host.
 *
 * <h2>What it is for</h2>
 * Letting the guest ping, with nothing more than permission by the sysctl
 * {@code net.ipv4.ping_group_range} (icmp(7)). Other ICMP is not forwarded; who pings from outside
 * is answered by the host.
 *
 * <h2>Life of a flow</h2>
 * A request whose source, destination and identifier no flow has starts one: types PING4 and
 * PING6, the identifier as both ports of the tap side, which alone is in the hash. The socket is
 * connected to the target, so that only who was asked can answer. The request goes out as it is;
 * the kernel replaces identifier and checksum. Replies are read straight behind the headers of a
 * frame, get the guest's identifier back, and reach the guest as from whom it pinged. A reply with
 * the sequence number of the one before is dropped, since one's own may be seen twice. A flow ends
 * 60 seconds after the last request.
 *
 * <h2>Invariants</h2>
 * An ACTIVE flow has an open socket and its tap side in the hash; a closed one has neither, and
 * the next deferred pass frees it.
 *
 * <h2>Cost</h2>
 * Nothing is allocated per packet; one descriptor and one small object per flow, one frame buffer
 * in all. Without permission each new flow costs a failed system call and, at a limited rate, a
 * warning which names the sysctl.
 *
 * <p>Start reading at {@link jpasst.ping.PingFlows}.
 */
package jpasst.ping;
