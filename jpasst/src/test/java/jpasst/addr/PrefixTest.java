// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.5/24, 192.0.2.255, true",
        "192.0.2.5/24, 192.0.3.0, false",
        "192.0.2.5/32, 192.0.2.5, true",
        "192.0.2.5/32, 192.0.2.4, false",
        "192.0.2.5/0, 203.0.113.1, true",
        "192.0.2.5/0, 2001:db8::1, false",
        "2001:db8::1/64, 2001:db8::ffff:0:0:1, true",
        "2001:db8::1/64, 2001:db8:0:1::1, false",
        "2001:db8::1/65, 2001:db8::8000:0:0:1, false",
        "2001:db8::1/128, 2001:db8::1, true",
        "2001:db8::1/128, 2001:db8::2, false",
        "2001:db8::1/0, fe80::1, true",
        "2001:db8::1/0, 192.0.2.1, false",
    })
    void containsAddressesWhichShareIt(String prefix, String address, boolean contained) {
        assertEquals(contained, Prefix.parse(prefix).contains(IpAddress.parse(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "192.0.2.5", "192.0.2.5/", "192.0.2.5/33", "::1/129", "::1/-1", "/24", "::1/1x", "::1/0128",
    })
    void refusesWhatIsNoPrefix(String text) {
        assertThrows(IllegalArgumentException.class, () -> Prefix.parse(text));
    }

    @Test
    void givesTheMask() {
        assertEquals(0xffffff00, Prefix.parse("192.0.2.5/24").maskV4());
        assertEquals(0, Prefix.parse("192.0.2.5/0").maskV4());
        assertEquals(-1, Prefix.parse("192.0.2.5/32").maskV4());
        assertEquals("192.0.2.5/24", Prefix.parse("192.0.2.5/24").toString());
        assertTrue(Prefix.parse("::/128").contains(0, 0));
        assertFalse(Prefix.parse("::/128").contains(0, 1));
    }
}
