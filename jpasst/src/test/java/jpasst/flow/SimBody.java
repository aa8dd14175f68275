// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** The body of a simulated protocol's flow. */
final class SimBody {
    /** Open descriptors, a resource which must be back at zero when the flow is freed. */
    int descriptors;
    /** Finished: the deferred handler shall end the flow. */
    boolean closed;
    /** Idle for too long: the timer shall end the flow. */
    boolean expired;
}
