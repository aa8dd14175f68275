// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SocketAddressTest {
    private final MemorySegment memory = MemorySegment.ofArray(new byte[64]).fill((byte) 0xa5);

    @Property(tries = 200)
    void readsBackWhatItWrote(@ForAll long high, @ForAll long low,
            @ForAll @IntRange(max = 65535) int port, @ForAll int scope,
            @ForAll @IntRange(max = 7) int at) {
        int length = SocketAddress.put(memory, at, high, low, port, scope);
        boolean v4 = high == 0 && low >>> 32 == 0xffff;
        assertEquals(v4 ? 16 : 28, length);
        assertEquals(high, SocketAddress.high(memory, at));
        assertEquals(low, SocketAddress.low(memory, at));
        assertEquals(port, SocketAddress.port(memory, at));
        assertEquals(v4 ? 0 : scope, SocketAddress.scopeId(memory, at));
    }

    @Property(tries = 200)
    void writesMappedAddressesInTheirOwnForm(@ForAll int v4,
            @ForAll @IntRange(max = 65535) int port) {
        long low = 0xffff_0000_0000L | v4 & 0xffff_ffffL;
        assertEquals(16, SocketAddress.put(memory, 4, 0, low, port, 0));
        assertEquals(Sockets.AF_INET, SocketAddress.family(memory, 4));
        assertEquals(low, SocketAddress.low(memory, 4));
        assertEquals(28, SocketAddress.putV6(memory, 4, 0, low, port, 0));
        assertEquals(Sockets.AF_INET6, SocketAddress.family(memory, 4));
        assertEquals(low, SocketAddress.low(memory, 4));
    }
}
