// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;

/**
 * The payload of a listening socket's event tag: its port (16 bits), its pif (8), and the index of
 * the rule it listens for (8), which may have changed meanwhile and so is a hint only.
 */
public final class ListenTag {
    private ListenTag() {
    }

    /** Packs a payload; {@code rule} is 0 to 254. */
    public static int of(int port, Pif pif, int rule) {
        return port << 16 | pif.number() << 8 | rule;
    }

    /** The port the socket listens on. */
    public static int port(int payload) {
        return payload >>> 16;
    }

    /** Where it listens. */
    public static Pif pif(int payload) {
        return Pif.of(payload >>> 8 & 0xff);
    }

    /** The index of the rule in its pif's table when the socket was made. */
    public static int rule(int payload) {
        return payload & 0xff;
    }
}
