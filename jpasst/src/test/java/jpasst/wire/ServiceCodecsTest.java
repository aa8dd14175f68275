// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jpasst.addr.IpAddress;
import org.junit.jupiter.api.Test;

/** Options of DHCP, DHCPv6 and router advertisements: out and back, and over random bytes. */
final class ServiceCodecsTest {
    private static final long SEED = 20261125;
    private static final int ROUNDS = 50_000;

    private static MemorySegment dirty(int length) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xa5);
        return MemorySegment.ofArray(bytes);
    }

    private static byte[] bytes(MemorySegment memory, int from, int length) {
        return memory.asSlice(from, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Test
    void findsDhcpOptionsThatWereWritten() {
        var memory = dirty(64);
        int length = DhcpOptions.put(memory, 3, DhcpOptions.MESSAGE_TYPE, new byte[] {5});
        BigEndian.putU8(memory, 3 + length++, DhcpOptions.PAD);
        length += DhcpOptions.put(memory, 3 + length, DhcpOptions.RAPID_COMMIT, new byte[0]);
        length += DhcpOptions.put(memory, 3 + length, DhcpOptions.MESSAGE_TYPE, new byte[] {9});
        assertTrue(DhcpOptions.areValid(memory, 3, length));
        assertEquals(1, DhcpOptions.find(memory, 3, length, DhcpOptions.MESSAGE_TYPE));
        assertEquals(5, DhcpOptions.find(memory, 3, length, DhcpOptions.RAPID_COMMIT));
        assertEquals(-1, DhcpOptions.find(memory, 3, length, DhcpOptions.DNS));
        assertFalse(DhcpOptions.areValid(memory, 3, length - 1));
        assertEquals(-1, DhcpOptions.find(memory, 3, 2, DhcpOptions.MESSAGE_TYPE));
    }

    @Test
    void endsDhcpOptionsAtTheirEnd() {
        var memory = MemorySegment.ofArray(Packets.hex("00 ff 3501"));
        assertTrue(DhcpOptions.areValid(memory, 0, 4));
        assertEquals(-1, DhcpOptions.find(memory, 0, 4, DhcpOptions.MESSAGE_TYPE));
        assertTrue(DhcpOptions.areValid(memory, 0, 1));
        assertFalse(DhcpOptions.areValid(memory, 2, 2));
    }

    @Test
    void readsBackDhcpv6Options() {
        var memory = dirty(40);
        assertEquals(7, Dhcpv6Options.put(memory, 1, Dhcpv6Options.STATUS, new byte[] {0, 4, 65}));
        assertEquals(4, Dhcpv6Options.put(memory, 8, Dhcpv6Options.IA_TA, new byte[0]));
        assertTrue(Dhcpv6Options.areValid(memory, 1, 11));
        assertFalse(Dhcpv6Options.areValid(memory, 1, 10));
        assertEquals(7, Dhcpv6Options.size(memory, 1, 11));
        assertEquals(-1, Dhcpv6Options.size(memory, 1, 6));
        assertEquals(-1, Dhcpv6Options.size(memory, 1, 3));
        assertEquals(Dhcpv6Options.STATUS, Dhcpv6Options.code(memory, 1));
        assertEquals(3, Dhcpv6Options.length(memory, 1));
    }

    @Test
    void readsBackTheHeadOfADhcpv6Message() {
        var memory = dirty(8);
        var message = new Dhcpv6Message().wrap(memory, 2).write(Dhcpv6Message.REPLY, 0x7fabcdef);
        assertEquals(Dhcpv6Message.REPLY, message.type());
        assertEquals(0xabcdef, message.transaction());
        assertFalse(message.isValid(3));
        assertTrue(message.isValid(4));
    }

    @Test
    void writesAReplyOverDirtyMemory() {
        var request = dirty(250);
        var memory = dirty(250);
        var reply = new DhcpMessage().wrap(memory, 4).writeReply(request, 7, 0x0a000005);
        assertEquals(DhcpMessage.REPLY, reply.operation());
        assertEquals(0x0a000005, reply.yourAddress());
        assertTrue(reply.wantsBroadcast());
        assertArrayEquals(new byte[4], bytes(memory, 4 + 20, 4));
        assertArrayEquals(new byte[192], bytes(memory, 4 + 44, 192));
        assertArrayEquals(bytes(request, 7 + 236, 4), bytes(memory, 4 + 236, 4));
        assertEquals((byte) 0xa5, bytes(memory, 244, 1)[0]);
        assertFalse(reply.isValid(239));
    }

    @Test
    void writesRouterAdvertisementsThatAreValid() {
        var memory = dirty(300);
        var message = new RouterAdvertisement().wrap(memory, 5)
                .write(64, RouterAdvertisement.MANAGED, 1800);
        int length = RouterAdvertisement.LENGTH;
        length += RouterOptions.putPrefix(memory, 5 + length, 64, 1, 2);
        length += RouterOptions.putMtu(memory, 5 + length, 1500);
        length += RouterOptions.putResolvers(memory, 5 + length,
                List.of(IpAddress.LOOPBACK_V6, IpAddress.ANY_V6));
        for (int names = 1; names < 20; names++) {
            int all = length + RouterOptions.putSearch(memory, 5 + length, new byte[names]);
            assertEquals(0, all % 8);
            assertTrue(all - length >= RouterOptions.LIST_HEADER + names && all - length
                    < RouterOptions.LIST_HEADER + names + 8);
            assertArrayEquals(new byte[all - length - 8], bytes(memory, 5 + length + 8,
                    all - length - 8));
            assertTrue(message.isValid(all));
            assertFalse(message.isValid(all - 1));
            memory.asSlice(5 + length).fill((byte) 0xa5);
        }
        assertEquals(64, message.hopLimit());
        assertEquals(RouterAdvertisement.MANAGED, message.flags());
        assertEquals(1800, message.lifetime());
        assertFalse(message.isValid(15));
    }

    /** In memory of exactly their length, which nothing may leave. */
    @Test
    void survivesRandomBytes() {
        var random = new Random(SEED);
        int valid = 0;
        for (int i = 0; i < ROUNDS; i++) {
            var bytes = new byte[random.nextInt(40)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(6));
            }
            var memory = MemorySegment.ofArray(bytes);
            if (DhcpOptions.areValid(memory, 0, bytes.length)) valid++;
            int found = DhcpOptions.find(memory, 0, bytes.length, 1 + random.nextInt(7));
            assertTrue(found < bytes.length);
            if (Dhcpv6Options.areValid(memory, 0, bytes.length)) valid++;
            new RouterAdvertisement().wrap(memory, 0).isValid(bytes.length);
        }
        assertTrue(valid > 1000, "" + valid);
    }
}
