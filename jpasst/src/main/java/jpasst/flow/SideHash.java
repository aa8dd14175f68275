// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** A hash of what identifies one side of a flow; an interface so that tests can make collisions. */
interface SideHash {
    /** The hash of protocol, pif and all values of the side. */
    long hash(int protocol, Pif pif, FlowSide side);
}
