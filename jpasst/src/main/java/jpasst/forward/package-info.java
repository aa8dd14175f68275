// SPDX-License-Identifier: Apache-2.0

/**
 * Where a new flow goes: forwarding rules for ports, and address translation between the guest
 * and the host.
 *
 * <h2>The story of a new flow</h2>
 * The flow table has one side of a flow and asks {@link jpasst.forward.Forwarding}, its
 * {@link jpasst.flow.TargetChooser}, for the other. What the guest sends goes to sockets of the
 * host, and mostly to the very address it was sent to. Some addresses mean something else:
 * resolvers named to the guest stand for one of the host's, one address stands for the host's
 * loopback (by default the gateway's), one for the host's own address, which the guest shadows.
 *
 * <p>What sockets of ours accept goes where a rule says. From outside, and from the host itself,
 * it goes over the tap to the guest, from whom the guest can answer to
 * ({@code InboundSource}). From the host's loopback it takes the shorter way to
 * sockets in the namespace, and from the namespace's loopback to the host's, as
 * {@link jpasst.forward.SplicePolicy} allows.
 *
 * <p>The way back needs no translation, since a flow knows both its sides. Only third parties that
 * report errors do: {@link jpasst.forward.Forwarding#offenderForGuest}.
 *
 * <p>On the link, the guest sees the host's neighbours with the MAC addresses they have, as
 * {@link jpasst.forward.Neighbors} knows them, and everybody else with ours. A flow keeps the one
 * that its first frame to the guest had.
 *
 * <h2>The story of a rule</h2>
 * A {@link jpasst.forward.PortSpec} is what the user wrote, in the grammar of passt(1). Once it is
 * known which families there are, it becomes {@link jpasst.forward.ForwardRule}s, one for each run
 * of ports, in a {@link jpasst.forward.RuleTable.Builder}, which refuses what makes no sense or
 * could take what is another rule's. Two tables, for what comes in on the host and what processes
 * of the namespace send to its loopback, are {@link jpasst.forward.Rules}: a value that is swapped
 * as a whole while the program runs.
 *
 * <h2>Data and owner</h2>
 * {@link jpasst.forward.Addresses} is the address state: filled in at start from options and the
 * host's network, and from then on changed by the loop thread alone, as it learns from frames
 * what addresses the guest really uses. Nobody else writes it. Rules are immutable. At most 512
 * neighbours are known: who is on the host's link can have it forget others, no more.
 *
 * <h2>Invariants</h2>
 * A flow stays in one family. An address that is not set is null, so it never equals a packet's.
 * Flows initiated by sockets need a forwarding rule; without one they are refused. No two rules of
 * a table match the same flow. No loopback address is a source on the tap.
 *
 * <h2>Cost</h2>
 * Learning, per packet, compares two or three values and allocates nothing; choosing a target,
 * per flow, a few more; the socket that accepted it names the rule, so no table is searched. A
 * MAC address is looked up once per flow; unless it is there, news of neighbours are read first.
 */
package jpasst.forward;
