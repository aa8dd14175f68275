// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.testing.NetworkSandbox;
import org.junit.jupiter.api.Test;

class DeviceBindingTest {
    @Test
    void isAllowedOnTheLoopback() throws Exception {
        assertTrue(NetworkSandbox.run(DeviceBinding::isAllowed));
    }
}
