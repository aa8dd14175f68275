// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * What the deferred pass asks about ACTIVE flows of one type. Implemented by the protocol's
 * package, so that the table need not know it.
 *
 * <p>To answer true means: free me. Before, the handler has closed the flow's descriptors and
 * removed its sides from the hash; after the pass it must have no reference to the flow. The
 * handler may look at, close and mark other flows, but not run the pass.
 */
public interface FlowHandler {
    /**
     * Does what the flow was marked for, see {@link FlowTable#markDeferred}. Asked at most once a
     * pass.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     * @return true to free the flow
     */
    boolean deferred(Flow flow, long nowNs);

    /**
     * Looks at the flow's age. Asked about once a second, for flows of types that are
     * {@link FlowType#isTimed timed}.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     * @return true to free the flow
     */
    boolean timer(Flow flow, long nowNs);
}
