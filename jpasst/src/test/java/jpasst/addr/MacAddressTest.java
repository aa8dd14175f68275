// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MacAddressTest {
    @Test
    void readsAndPrints() {
        var mac = MacAddress.parse("9a:55:9A:55:9a:05");
        assertEquals(0x9a559a559a05L, mac.bits());
        assertEquals("9a:55:9a:55:9a:05", mac.toString());
        assertEquals("ff:ff:ff:ff:ff:ff", MacAddress.BROADCAST.toString());
        assertEquals("00:00:00:00:00:01", MacAddress.text(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "9a:55:9a:55:9a", "9a:55:9a:55:9a:55:9a", "9a:55:9a:55:9a:5", "9a-55-9a-55-9a-55",
        "9a:55:9a:55:9a:5g", "9a:55:9a:55:9a55:", "9a:55:9a:55:9a :5",
    })
    void refusesWhatIsNoMac(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }

    @Test
    void refusesMoreThan48Bits() {
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(-1));
    }

    @Test
    void knowsTheGroupBit() {
        assertTrue(MacAddress.BROADCAST.isMulticast());
        assertTrue(MacAddress.parse("33:33:00:00:00:01").isMulticast());
        assertFalse(MacAddress.parse("9a:55:9a:55:9a:55").isMulticast());
    }
}
