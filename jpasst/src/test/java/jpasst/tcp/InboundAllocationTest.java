// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/** Frames of connections from outside cost no allocation either. */
class InboundAllocationTest extends TcpAllocationTest {
    InboundAllocationTest() {
        h.fromOutside();
    }
}
