// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/** What the guest sends on connections from outside fares as on others. */
class InboundGuestToHostTest extends GuestToHostTest {
    InboundGuestToHostTest() {
        h.fromOutside();
    }
}
