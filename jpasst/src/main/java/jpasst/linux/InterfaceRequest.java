// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** {@code struct ifreq} (netdevice(7)): a name of 16 bytes, then a union of 24. */
public final class InterfaceRequest {
    public static final int LENGTH = 40;

    // Requests of ioctl(2) on any socket; they pass one of these structs.
    public static final int SIOCGIFFLAGS = 0x8913;
    public static final int SIOCSIFFLAGS = 0x8914;
    public static final int SIOCGIFMTU = 0x8921;
    public static final int SIOCGIFHWADDR = 0x8927;
    public static final int SIOCGIFINDEX = 0x8933;

    /** A {@link #hardwareType}: Ethernet, or what behaves like it. */
    public static final int ARPHRD_ETHER = 1;

    static final int UNION = 16;

    private InterfaceRequest() {
    }

    /** Zeroed memory for one. */
    public static MemorySegment allocate(Arena arena) {
        return arena.allocate(LENGTH, 8);
    }

    /** The interface's name. */
    public static String name(MemorySegment request) {
        return CString.at(request, 0);
    }

    /** Sets the name; at most 15 bytes. */
    public static void name(MemorySegment request, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= Interface.IFNAMSIZ) {
            throw new IllegalArgumentException("interface name too long: " + name);
        }
        request.asSlice(0, Interface.IFNAMSIZ).fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, request, 0, bytes.length);
    }

    /** ifr_flags, 16 bits. */
    public static int flags(MemorySegment request) {
        return request.get(ValueLayout.JAVA_SHORT, UNION) & 0xffff;
    }

    /** Sets ifr_flags, 16 bits. */
    public static void flags(MemorySegment request, int flags) {
        request.set(ValueLayout.JAVA_SHORT, UNION, (short) flags);
    }

    /** ARPHRD_*, where ifr_hwaddr has the family of an address: of SIOCGIFHWADDR. */
    public static int hardwareType(MemorySegment request) {
        return request.get(ValueLayout.JAVA_SHORT, UNION) & 0xffff;
    }

    /** ifr_ifindex or ifr_mtu: the union as an int. */
    public static int value(MemorySegment request) {
        return request.get(ValueLayout.JAVA_INT, UNION);
    }
}
