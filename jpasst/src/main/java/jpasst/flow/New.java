// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** A flow in state NEW: an empty entry. */
public final class New extends FlowStep {
    New(Construction construction) {
        super(construction);
    }

    /**
     * Sets the initiating side. From the tap, the packet's source is the endpoint and its
     * destination ours; from a socket, the peer is the endpoint, and ours is the unspecified
     * address of the peer's family if it is not known.
     *
     * @param pif where the flow comes from, not {@link Pif#NONE}
     * @return the next step
     */
    public Ini initiate(Pif pif, long endpointHigh, long endpointLow, int endpointPort,
            long ourHigh, long ourLow, int ourPort) {
        Construction construction = current();
        flow().sideInAnyState(0).assign(endpointHigh, endpointLow, endpointPort,
            ourHigh, ourLow, ourPort);
        return construction.initiate(pif);
    }

    /** Sets the initiating side to that of a probe, which a lookup did not find. */
    public Ini initiate(Pif pif, FlowSide side) {
        return initiate(pif, side.endpointHigh(), side.endpointLow(), side.endpointPort(),
            side.ourHigh(), side.ourLow(), side.ourPort());
    }
}
