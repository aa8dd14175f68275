// SPDX-License-Identifier: Apache-2.0

/**
 * What happened, in numbers: how much was carried, and why anything was not.
 *
 * <h2>Life of a number</h2>
 * A frame that comes in is counted where it enters, and once more where it leaves; if it is
 * dropped, exactly one {@code DROP_} counter says why, so that frames in equal frames out,
 * consumed and dropped. Flows are counted by the flow table as they begin and end.
 *
 * <h2>Owner</h2>
 * {@link jpasst.metrics.Counters} is written by the one thread that runs a worker's event loop and
 * read by whoever shows it (statistics, the control socket). Each value is a {@code long} that
 * only grows; a reader sees each one whole and not too old, but not all of the same instant.
 *
 * <h2>Cost</h2>
 * A plain add to an array element: no lock, no fence, no allocation.
 */
package jpasst.metrics;
