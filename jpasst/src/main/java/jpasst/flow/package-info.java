// SPDX-License-Identifier: Apache-2.0

/**
 * The flow table: one entry per conversation, two sides each. Everything the program forwards, a
 * TCP connection, a UDP exchange, a sequence of pings, is a {@link jpasst.flow.Flow} in one
 * {@link jpasst.flow.FlowTable}; no protocol keeps connections of its own elsewhere.
 *
 * <h2>Life of an entry</h2>
 * A packet whose side {@link jpasst.flow.FlowTable#lookup} does not find takes the lowest FREE
 * slot. Its maker then goes through the steps {@link jpasst.flow.New} (who initiates),
 * {@link jpasst.flow.Ini} (whom the {@link jpasst.flow.TargetChooser} makes the target),
 * {@link jpasst.flow.Tgt} (which type, with which body) and {@link jpasst.flow.Typed} (sockets,
 * hash), or cancels; each step offers what its state allows and is used up by the next. An ACTIVE
 * flow ends only in {@link jpasst.flow.FlowTable#runDeferred}, once per round of the event loop,
 * after all its events: flows that were marked, and once a second those of timed types, are
 * shown to the {@link jpasst.flow.FlowHandler} of their type, and those that it gives up are
 * freed when all were asked. So an index in the hand of an event is good for the whole round.
 *
 * <h2>Data and owner</h2>
 * A table belongs to one event loop thread. Entries never move: a {@link jpasst.flow.Sidx}, flow
 * and side in one int, may be kept in hash buckets and event tags for a flow's life. Entry objects
 * go back with their flow, and a bounded number of them waits for the next ones, in {@code
 * FlowSlots}; the body a protocol attaches is dropped with the flow. {@code FreeClusters} knows the
 * free slots as sorted runs, {@code SidxHash} finds sides, {@code DeferredPass} knows whom to ask,
 * {@code Construction} guards the steps.
 *
 * <h2>Invariants</h2>
 * At most one entry is between NEW and TYPED, and none while the event loop waits. States change
 * only as {@link jpasst.flow.FlowState} says, in one place, checked and logged. Every free slot is
 * in exactly one cluster. Side 0 initiates. What is hashed of a side does not change while it is
 * in the hash, and no freed flow is in there.
 *
 * <h2>Cost and bounds</h2>
 * A lookup looks at the side found last, for packets come in trains; else it is one SipHash and a
 * short walk in an array at most 70 percent full. A pass with no flow marked and no timer due
 * costs the same for 131071 flows as for none; otherwise it costs what was marked or is timed. To
 * allocate and to free are a few steps each. Nothing of this allocates memory but the protocol's
 * body, entries beyond those that wait, and growth, which doubles arrays until {@link
 * jpasst.flow.FlowTable#trim} gives back what is not needed any more.
 */
package jpasst.flow;
