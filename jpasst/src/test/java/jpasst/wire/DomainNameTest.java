// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Domain names and search lists; read back by a reader of its own. */
final class DomainNameTest {
    private static final long SEED = 20261124;

    private static DomainName name(String text) {
        var name = DomainName.tryParse(text);
        assertNotNull(name, text);
        return name;
    }

    @Test
    void writesLabelsBehindTheirLengths() {
        var expected = Packets.hex("026d79 04686f7374 076578616d706c65 00");
        assertArrayEquals(expected, name("my.host.example").toBytes());
        assertArrayEquals(expected, name("my.host.example.").toBytes());
        assertEquals("my.host.example", name("my.host.example.").toString());
        assertEquals(name("a.b"), name("a.b."));
        assertEquals(name("a.b").hashCode(), name("a.b.").hashCode());
        assertNotEquals(name("a.b"), name("a.c"));
    }

    @Test
    void refusesWhatIsNoName() {
        for (var text : List.of("", ".", "..", "a..b", ".a", "a..", "a b", "a\n", "\u00e4",
                "a".repeat(64), "a." + "b".repeat(64))) {
            assertNull(DomainName.tryParse(text), text);
        }
        assertEquals(65, name("a".repeat(63)).length());
    }

    @Test
    void takesNamesOf255BytesAndNotMore() {
        var three = ("a".repeat(63) + ".").repeat(3);
        assertEquals(255, name(three + "b".repeat(61)).length());
        assertEquals(255, name(three + "b".repeat(61) + ".").length());
        assertNull(DomainName.tryParse(three + "b".repeat(62)));
    }

    @Test
    void pointsToEndsThatWereThereBefore() {
        assertArrayEquals(Packets.hex("03656e67 056170706c65 03636f6d 00"
                        + "09 6d61726b6574696e67 c004"),
                SearchList.compressed(List.of(name("eng.apple.com"),
                        name("marketing.apple.com")), 255));
        assertArrayEquals(Packets.hex("0161 0162 00 c000 c002 0163 c000"),
                SearchList.compressed(List.of(name("a.b"), name("a.b"), name("b"),
                        name("c.a.b")), 255));
    }

    @Test
    void leavesOutNamesThatDoNotFit() {
        var list = List.of(name("aaaa"), name("bbbbbbbb"), name("c"));
        assertArrayEquals(Packets.hex("0461616161 00 0163 00"), SearchList.plain(list, 9));
        assertArrayEquals(Packets.hex("0461616161 00 0163 00"), SearchList.compressed(list, 9));
        assertEquals(0, SearchList.plain(list, 2).length);
        assertEquals(0, SearchList.compressed(list, 2).length);
        assertEquals(0, SearchList.plain(List.of(), 9).length);
    }

    /** The names of random lists over few labels, so that ends are shared often. */
    @Test
    void comesBackFromItsReader() {
        var random = new Random(SEED);
        for (int round = 0; round < 3000; round++) {
            var names = new ArrayList<DomainName>();
            for (int i = random.nextInt(7); i > 0; i--) {
                names.add(name(randomName(random)));
            }
            var texts = names.stream().map(DomainName::toString).toList();
            assertEquals(texts, read(SearchList.plain(names, 2000)));
            var small = SearchList.compressed(names, 2000);
            assertEquals(texts, read(small));
            int most = random.nextInt(small.length + 1);
            assertTrue(SearchList.compressed(names, most).length <= most);
            assertTrue(texts.containsAll(read(SearchList.compressed(names, most))));
        }
    }

    private static String randomName(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            text.append("abc".charAt(random.nextInt(3))).append(i > 0 ? "." : "");
        }
        return text.toString();
    }

    private static List<String> read(byte[] list) {
        var names = new ArrayList<String>();
        int at = 0;
        while (at < list.length) {
            var name = new StringBuilder();
            at = readName(list, at, name);
            names.add(name.toString());
        }
        return names;
    }

    /** Returns where the name ends in the list; pointers must lead backwards. */
    private static int readName(byte[] list, int from, StringBuilder name) {
        int at = from;
        while (list[at] != 0) {
            int length = list[at] & 0xff;
            if (length >= 0xc0) {
                int target = (length & 0x3f) << 8 | list[at + 1] & 0xff;
                assertTrue(target < at);
                readName(list, target, name);
                return at + 2;
            }
            name.append(name.isEmpty() ? "" : ".").append(new String(list, at + 1, length));
            at += 1 + length;
        }
        return at + 1;
    }
}
