// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Network interfaces, in the network namespace of the calling thread (if_nametoindex(3)). */
public final class Interface {
    /** Room for a name with its terminating zero. */
    public static final int IFNAMSIZ = 16;

    // Flags of an interface, netdevice(7).
    public static final int IFF_UP = 1;
    public static final int IFF_LOOPBACK = 8;
    public static final int IFF_POINTOPOINT = 0x10;
    public static final int IFF_NOARP = 0x80;
    public static final int IFF_MULTICAST = 0x1000;

    private Interface() {
    }

    /**
     * Whether an interface could have this name, be it its own or, since there a colon may be in
     * it, an alternative one: 1 to 15 bytes, no blank, no slash, neither "." nor "..".
     */
    public static boolean isName(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        boolean valid = bytes > 0 && bytes < IFNAMSIZ && !text.equals(".") && !text.equals("..");
        for (int i = 0; valid && i < text.length(); i++) {
            char c = text.charAt(i);
            valid = c != '/' && c > ' ';
        }
        return valid;
    }

    /** The index of the interface of this name, from 1, or -errno. */
    public static int index(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callUnsigned(Native.function("if_nametoindex"),
                    CString.of(arena, name).address());
        }
    }

    /** The name of the interface with this index, or {@code null} if there is none. */
    public static String name(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(IFNAMSIZ);
            long rc = Native.call(Native.function("if_indextoname"), index, name.address(),
                    0, 0, 0, 0);
            return rc == 0 ? null : CString.at(name, 0);
        }
    }
}
