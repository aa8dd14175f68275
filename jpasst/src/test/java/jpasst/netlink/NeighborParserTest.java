// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import jpasst.addr.IpAddress;
import jpasst.linux.NeighborMessage;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeighborParserTest {
    private static final long MAC = 0x0200_0000_0007L;
    private static final int AF_BRIDGE = 7;
    private static final int NDA_CACHEINFO = 3;

    private final NeighborRecorder heard = new NeighborRecorder();
    private final NeighborParser parser = new NeighborParser(heard);
    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);
    private int length;

    private NeighborParserTest begin(int family, int state, int flags) {
        memory.fill((byte) 0);
        int body = Netlink.HEADER_LENGTH;
        NeighborMessage.family(memory, body, family);
        NeighborMessage.index(memory, body, 5);
        NeighborMessage.state(memory, body, state);
        NeighborMessage.flags(memory, body, flags);
        length = body + NeighborMessage.LENGTH;
        return this;
    }

    private NeighborParserTest bytes(int type, byte... value) {
        Netlink.putAttribute(memory, length, type, value.length);
        MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE,
                length + Netlink.ATTRIBUTE_HEADER_LENGTH, value.length);
        length += Netlink.align(Netlink.ATTRIBUTE_HEADER_LENGTH + value.length);
        return this;
    }

    private NeighborParserTest destination(String address) {
        var at = IpAddress.parse(address);
        var value = new byte[at.isV4() ? 4 : 16];
        for (int i = 0; i < value.length; i++) {
            int shift = 8 * (value.length - 1 - i);
            value[i] = (byte) (shift < 64 ? at.low() >> shift : at.high() >> shift - 64);
        }
        return bytes(Rtnetlink.NDA_DST, value);
    }

    private NeighborParserTest mac(long mac) {
        var value = new byte[6];
        for (int i = 0; i < 6; i++) value[i] = (byte) (mac >> 40 - 8 * i);
        return bytes(Rtnetlink.NDA_LLADDR, value);
    }

    private List<String> take(int type) {
        Netlink.putHeader(memory, 0, length, type, 0, 0);
        parser.take(memory, 0, length);
        return heard.drain();
    }

    private NeighborParserTest v4(int state) {
        return begin(Sockets.AF_INET, state, 0).destination("192.0.2.7").mac(MAC);
    }

    @Test
    void readsBothFamilies() {
        assertEquals(List.of("5 192.0.2.7 02:00:00:00:00:07"),
                v4(Rtnetlink.NUD_REACHABLE).take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of("5 2001:db8::7 02:00:00:00:00:07"),
                begin(Sockets.AF_INET6, Rtnetlink.NUD_STALE, 0).bytes(NDA_CACHEINFO, new byte[16])
                        .destination("2001:db8::7").mac(MAC).take(Rtnetlink.RTM_NEWNEIGH));
    }

    @ParameterizedTest
    @ValueSource(ints = {Rtnetlink.NUD_PERMANENT, Rtnetlink.NUD_NOARP, Rtnetlink.NUD_REACHABLE,
        Rtnetlink.NUD_PROBE, Rtnetlink.NUD_STALE, Rtnetlink.NUD_DELAY})
    void anAddressInUseCounts(int state) {
        assertEquals(List.of("5 192.0.2.7 02:00:00:00:00:07"),
                v4(state).take(Rtnetlink.RTM_NEWNEIGH));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, Rtnetlink.NUD_FAILED})
    void anAddressNotFoundIsGone(int state) {
        assertEquals(List.of("5 192.0.2.7 none"), v4(state).take(Rtnetlink.RTM_NEWNEIGH));
    }

    @Test
    void deletionIsDeletionWhateverTheState() {
        assertEquals(List.of("5 192.0.2.7 none"),
                v4(Rtnetlink.NUD_REACHABLE).take(Rtnetlink.RTM_DELNEIGH));
    }

    @Test
    void onlyUnicastEthernetAddressesAreAny() {
        for (long mac : new long[] {0xffff_ffff_ffffL, 0x0100_5e00_0016L, 0x3333_0000_0016L, 0}) {
            begin(Sockets.AF_INET, Rtnetlink.NUD_NOARP, 0).destination("192.0.2.7").mac(mac);
            assertEquals(List.of("5 192.0.2.7 none"), take(Rtnetlink.RTM_NEWNEIGH));
        }
        for (int bytes : new int[] {0, 4, 5, 7, 8, 20}) {
            begin(Sockets.AF_INET, Rtnetlink.NUD_REACHABLE, 0).destination("192.0.2.7")
                    .bytes(Rtnetlink.NDA_LLADDR, new byte[bytes]);
            assertEquals(List.of("5 192.0.2.7 none"), take(Rtnetlink.RTM_NEWNEIGH));
        }
    }

    @Test
    void bridgesProxiesAndOtherMessagesSayNothing() {
        assertEquals(List.of(), begin(AF_BRIDGE, Rtnetlink.NUD_REACHABLE, 0)
                .destination("192.0.2.7").mac(MAC).take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of(), begin(Sockets.AF_INET, 0, Rtnetlink.NTF_PROXY)
                .destination("192.0.2.7").take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of(), begin(Sockets.AF_INET, Rtnetlink.NUD_REACHABLE, 0).mac(MAC)
                .take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of(), begin(Sockets.AF_INET6, Rtnetlink.NUD_REACHABLE, 0)
                .destination("192.0.2.7").mac(MAC).take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of(), begin(Sockets.AF_INET6, Rtnetlink.NUD_REACHABLE, 0)
                .destination("::ffff:192.0.2.7").mac(MAC).take(Rtnetlink.RTM_NEWNEIGH));
        assertEquals(List.of(),
                v4(Rtnetlink.NUD_REACHABLE).take(Rtnetlink.RTM_NEWROUTE));
    }

    /** Cut anywhere, a message says nothing, or that the address has no MAC address (yet). */
    @Test
    void survivesTruncation() {
        v4(Rtnetlink.NUD_REACHABLE);
        int whole = length;
        for (int cut = Netlink.HEADER_LENGTH; cut < whole; cut++) {
            var exact = Arena.ofAuto().allocate(cut);
            v4(Rtnetlink.NUD_REACHABLE);
            Netlink.putHeader(memory, 0, cut, Rtnetlink.RTM_NEWNEIGH, 0, 0);
            exact.copyFrom(memory.asSlice(0, cut));
            parser.take(exact, 0, cut);
            int macEnds = whole - 2;
            var expected = cut < Netlink.HEADER_LENGTH + NeighborMessage.LENGTH + 8
                    ? List.of() : List.of(cut < macEnds ? "5 192.0.2.7 none"
                            : "5 192.0.2.7 02:00:00:00:00:07");
            assertEquals(expected, heard.drain(), "cut to " + cut);
        }
    }

    @Test
    void survivesMutation() {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            v4(Rtnetlink.NUD_REACHABLE);
            Netlink.putHeader(memory, 0, length, Rtnetlink.RTM_NEWNEIGH, 0, 0);
            var exact = Arena.ofAuto().allocate(length);
            exact.copyFrom(memory.asSlice(0, length));
            for (int n = random.nextInt(4); n >= 0; n--) {
                exact.set(ValueLayout.JAVA_BYTE, random.nextInt(length), (byte) random.nextInt());
            }
            parser.take(exact, 0, length);
            for (var line : heard.drain()) assertEquals(3, line.split(" ").length);
        }
    }
}
