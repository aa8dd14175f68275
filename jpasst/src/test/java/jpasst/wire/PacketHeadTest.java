// SPDX-License-Identifier: Apache-2.0
package jpasst.wire;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.dontFragment;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.ttl;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;

class PacketHeadTest {
    private static final int AT = 100;

    private final MemorySegment memory = Arena.ofAuto().allocate(200).fill((byte) 0xaa);
    private final PacketHead head = new PacketHead().link(0x0200_0000_0001L, 0x0200_0000_0002L);

    private PacketHead between(String source, String target) {
        var from = IpAddress.parse(source);
        var to = IpAddress.parse(target);
        return head.addresses(from.high(), from.low(), to.high(), to.low());
    }

    private byte[] frame(long at) {
        memory.set(ValueLayout.JAVA_BYTE, AT, (byte) 1);
        memory.set(ValueLayout.JAVA_BYTE, AT + 1, (byte) 2);
        return memory.asSlice(at, AT + 2 - at).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void writesIpv4OverDirt() {
        long at = between("10.0.0.1", "10.0.0.2").write(memory, AT, 2, 17);
        assertEquals(AT - 34, at);
        assertEquals(34, head.length());
        assertEquals((byte) 0xaa, memory.get(ValueLayout.JAVA_BYTE, at - 1));
        assertFrame(frame(at), sourceMac(0x0200_0000_0002L), targetMac(0x0200_0000_0001L),
                ipv4(source("10.0.0.1"), target("10.0.0.2"), ttl(255), dontFragment(),
                        payload((byte) 1, (byte) 2)));
    }

    @Test
    void writesIpv6OverDirt() {
        long at = between("fd00::1", "fd00::2").write(memory, AT, 2, 17);
        assertEquals(AT - 54, at);
        assertFrame(frame(at), ipv6(source("fd00::1"), target("fd00::2"), ttl(255),
                payload((byte) 1, (byte) 2)));
    }

    @Test
    void pseudoHeaderIsThatOfTheAddresses() {
        between("10.0.0.1", "10.0.0.2");
        assertEquals(Checksum.pseudoHeaderV4(0x0a000001, 0x0a000002, 17, 30),
                head.pseudoHeader(17, 30));
    }
}
