// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Settings come from the system's files, which may say anything. */
class TcpSettingsTest {
    @Property(tries = 200)
    void areBounded(@ForAll int retries, @ForAll int linear, @ForAll long most) {
        var s = new TcpSettings(1500, retries, linear, most, true, 1);
        assertTrue(s.synRetries() >= 0 && s.synRetries() <= 127);
        assertTrue(s.synLinearTimeouts() >= 0 && s.synLinearTimeouts() <= 127);
        assertTrue(s.maxRetransmitTimeoutNs() >= TcpHarness.SECOND);
    }
}
