// SPDX-License-Identifier: Apache-2.0

/**
 * Answers what the guest asks of its link: who has this address, who is the router, which address
 * may I have, who resolves names? Everything on the link "exists", with the MAC address of the
 * host's neighbour of that address, or ours; there is one guest, and one address of each family
 * for it.
 *
 * <h2>What it is for</h2>
 * ARP (RFC 826) and neighbour discovery (RFC 4861), by which the guest finds its gateway and
 * whatever it takes for a neighbour; router advertisements, DHCP (RFC 2131) and DHCPv6 (RFC 8415),
 * by which it configures itself as the host is configured; and the questions from us to the guest
 * at start, by which its MAC address is learned before it sends anything. Names are not resolved
 * here, and no leases are kept: the address is the guest's for ever.
 *
 * <h2>Life of an answer</h2>
 * The data path hands over ARP frames ({@link jpasst.responder.ArpResponder}), and asks
 * {@link jpasst.responder.Services} of every packet whether it is for the link: ICMPv6 of types
 * 133 to 136, UDP to port 67, multicast UDP to port 547. These never get to the host's network,
 * even if the service is switched off, and may come from the unspecified address. What is well
 * formed and a question is answered at once: the responder writes its message into the one frame
 * of {@code Outgoing}, which puts headers in front of it and completes the checksum. Questions by
 * which a guest looks whether its own new address is free are left unanswered, or it could have
 * none.
 *
 * <h2>Life of an announcement</h2>
 * The host's kernel finds a neighbour, or loses him, and tells the netlink socket of {@link
 * jpasst.responder.NeighborMirror}, which enters it in {@link jpasst.forward.Neighbors}. If it is
 * news, the guest may have another MAC address in mind, and gets an ARP announcement (RFC 5227) or
 * an unsolicited advertisement (RFC 4861 section 7.2.6).
 *
 * <h2>Data</h2>
 * What is told is made once, from {@link jpasst.responder.ServiceSettings} and
 * {@link jpasst.forward.Addresses}: {@code DhcpOffer} holds the options of DHCP by code,
 * {@code Dhcpv6Responder} and {@code RouterAdvertiser} the bytes of names. The only state that
 * changes is when the next router advertisement is due, and the host's neighbours.
 *
 * <h2>Invariants</h2>
 * A service exists only if the addresses it needs do; {@code jpasst.config} sees to that. Nothing
 * a guest sends can make two answers of one question, or an answer longer than the smallest MTU of
 * its family's link, 548 bytes of DHCP or 1280 bytes of IPv6. Every message is counted once,
 * answered or dropped; lines about answers are limited in rate.
 *
 * <h2>Cost and bounds</h2>
 * One pass over the options of a message, no allocation but for log lines. A round of the loop
 * costs a comparison. Loop thread only.
 *
 * <p>Start reading at {@link jpasst.responder.Services}.
 */
package jpasst.responder;
