// SPDX-License-Identifier: Apache-2.0

/**
 * Answers what the guest asks of its link: who has this address? Everything on the link "exists",
 * with our MAC address.
 *
 * <h2>What it is for</h2>
 * ARP (RFC 826) and neighbour solicitations (RFC 4861), by which the guest finds its gateway and
 * whatever it takes for a neighbour; and the same questions from us to the guest at start, by
 * which its MAC address is learned before it sends anything. Router discovery and DHCP are not
 * answered.
 *
 * <h2>Life of an answer</h2>
 * The data path hands over ARP frames ({@link jpasst.responder.ArpResponder}) and ICMPv6 messages
 * of types 133 to 136 ({@link jpasst.responder.NeighborResponder}). What is valid and a question
 * is answered at once, from one frame buffer; nothing is remembered. Questions by which a guest
 * looks whether its own new address is free are left unanswered, or it could have none.
 *
 * <h2>Cost and bounds</h2>
 * At most one answer for a question, no state, no allocation. Loop thread only.
 *
 * <p>Start reading at {@link jpasst.responder.ArpResponder}.
 */
package jpasst.responder;
