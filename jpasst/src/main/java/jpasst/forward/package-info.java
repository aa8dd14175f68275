// SPDX-License-Identifier: Apache-2.0

/**
 * Where a new flow goes: address translation between the guest and the host.
 *
 * <h2>The story of a new flow</h2>
 * The flow table has one side of a flow and asks {@link jpasst.forward.Forwarding}, its
 * {@link jpasst.flow.TargetChooser}, for the other. What the guest sends goes to sockets of the
 * host, and mostly to the very address it was sent to. Some addresses mean something else:
 * resolvers named to the guest stand for one of the host's, one address stands for the host's
 * loopback (by default the gateway's), one for the host's own address, which the guest shadows.
 * The way back needs no translation, since a flow knows both its sides. Only third parties that
 * report errors do: {@link jpasst.forward.Forwarding#offenderForGuest}.
 *
 * <h2>Data and owner</h2>
 * {@link jpasst.forward.Addresses} is the address state: filled in at start from options and the
 * host's network, and from then on changed by the loop thread alone, as it learns from frames
 * what addresses the guest really uses. Nobody else writes it.
 *
 * <h2>Invariants</h2>
 * A flow stays in one family. An address that is not set is null, so it never equals a packet's.
 * Connections initiated by sockets need a forwarding rule; without one they are refused.
 *
 * <h2>Cost</h2>
 * Learning, per packet, compares two or three values and allocates nothing; choosing a target,
 * per flow, a few more.
 */
package jpasst.forward;
