// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** A flow in state TYPED: its creator fills in the body, hashes its sides, opens sockets. */
public final class Typed extends FlowStep {
    Typed(Construction construction) {
        super(construction);
    }

    /** Completes our address and port of side 1, as found by {@code getsockname(2)}. */
    public Typed refineOur(long high, long low, int port) {
        flow().refineOur(1, high, low, port);
        return this;
    }

    /**
     * Makes the flow live. From now on it ends only in the deferred pass.
     *
     * @return the flow
     */
    public Flow activate() {
        return current().activate();
    }
}
