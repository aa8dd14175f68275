// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8::0001, 2001:db8::1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "0:0:1:0:0:0:0:0, 0:0:1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "fe80::1.2.3.4, fe80::102:304",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "::ffff:192.0.2.1, 192.0.2.1",
        "::ffff:c000:201, 192.0.2.1",
        "::192.0.2.1, ::c000:201",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0",
    })
    void printsDottedOrRfc5952(String text, String canonical) {
        assertEquals(canonical, IpAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.",
        ".1.2.3", "1..2.3", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "0x1.2.3.4", "1.2.3.1234",
        "\u0661.2.3.4",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3",
        "1:2:3:4::5:6:7:8", "12345::", "g::", "1:", ":1", "1:::2", "::1:", ":1::", "fe80::1%eth0",
        "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "[::1]", "::-1", "a",
    })
    void refusesWhatIsNoAddress(String text) {
        assertNull(IpAddress.tryParse(text));
        assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
    }

    @Property
    void readsBackWhatItPrints(@ForAll long high, @ForAll long low) {
        var address = new IpAddress(high, low);
        assertEquals(address, IpAddress.parse(address.toString()));
    }

    @Property
    void readsBackZeroRuns(@ForAll byte nonZero) {
        var address = new IpAddress(spread(nonZero & 0xf), spread(nonZero >>> 4 & 0xf));
        assertEquals(address, IpAddress.parse(address.toString()));
        assertFalse(address.toString().contains(":::"));
    }

    private static long spread(int bits) {
        return (bits & 1L) | (bits & 2L) << 15 | (bits & 4L) << 30 | (bits & 8L) << 45;
    }

    @Property(tries = 300)
    void agreesWithTheLibraryOnIpv6(@ForAll long high, @ForAll long low) throws Exception {
        var bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        String text = InetAddress.getByAddress(bytes).getHostAddress();
        assertEquals(new IpAddress(high, low), IpAddress.parse(text));
    }

    @Property
    void neverFailsOnRubbish(
            @ForAll @StringLength(max = 20) @CharRange(from = '.', to = ':') String text) {
        var address = IpAddress.tryParse(text);
        if (address != null) {
            assertEquals(address, IpAddress.parse(address.toString()));
        }
    }

    @Test
    void classifiesAddresses() {
        assertTrue(IpAddress.ANY_V4.isUnspecified() && IpAddress.ANY_V4.isV4());
        assertTrue(IpAddress.ANY_V6.isUnspecified() && !IpAddress.ANY_V6.isV4());
        assertTrue(IpAddress.LOOPBACK_V4.isLoopback() && IpAddress.LOOPBACK_V6.isLoopback());
        assertTrue(IpAddress.parse("127.255.0.9").isLoopback());
        assertFalse(IpAddress.parse("128.0.0.1").isLoopback());
        assertFalse(IpAddress.parse("::127.0.0.1").isLoopback());
        assertFalse(IpAddress.parse("::2").isLoopback());
        assertTrue(IpAddress.parse("224.0.0.1").isMulticast());
        assertTrue(IpAddress.parse("239.255.255.255").isMulticast());
        assertFalse(IpAddress.parse("240.0.0.1").isMulticast());
        assertTrue(IpAddress.parse("ff02::1").isMulticast());
        assertFalse(IpAddress.parse("fe80::1").isMulticast());
        assertTrue(IpAddress.parse("fe80::1").isLinkLocal());
        assertTrue(IpAddress.parse("febf::1").isLinkLocal());
        assertFalse(IpAddress.parse("fec0::1").isLinkLocal());
        assertTrue(IpAddress.parse("169.254.1.1").isLinkLocal());
        assertFalse(IpAddress.parse("169.253.1.1").isLinkLocal());
        assertTrue(IpAddress.parse("255.255.255.255").isBroadcast());
        assertFalse(IpAddress.parse("255.255.255.255").isUnicast());
        assertFalse(IpAddress.parse("ff02::1").isUnicast());
        assertFalse(IpAddress.ANY_V6.isUnicast());
        assertTrue(IpAddress.parse("192.0.2.1").isUnicast());
        assertTrue(IpAddress.parse("2001:db8::1").isUnicast());
    }

    @Test
    void keepsTheBitsOfIpv4() {
        assertEquals(0xc0000201, IpAddress.parse("192.0.2.1").v4());
        assertEquals(new IpAddress(0, 0x0000ffff_c0000201L), IpAddress.ofV4(0xc0000201));
        assertEquals("192.0.2.1", Ip.text(Ip.V4_HIGH, Ip.mapV4(0xc0000201)));
    }
}
