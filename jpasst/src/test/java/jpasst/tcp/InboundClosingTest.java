// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

/** Connections from outside end as others do. */
class InboundClosingTest extends ClosingTest {
    InboundClosingTest() {
        h.fromOutside();
    }

    @Override
    @Test
    void thePortsCanBeUsedAgainAtOnce() {
        connect();
        guest.rst();
        peer.expectReset();
        peer.close();
        Guest again = h.inbound().client("127.0.0.1", guest.remotePort, "127.0.0.1").guest();
        again.isn = 123_456;
        again.accept();
        assertNotNull(h.state(again));
    }
}
