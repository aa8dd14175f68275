// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") of a flow side. Whoever
 * chooses addresses and ports cannot predict which ones collide without the 128-bit secret.
 */
final class SipHash implements SideHash {
    /** Bytes of a key: two addresses, protocol, pif and two ports. */
    private static final int LENGTH = 38;

    private final long key0;
    private final long key1;

    /** A hash with a secret: its first and last eight bytes, little endian. */
    SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    @Override
    public long hash(int protocol, Pif pif, FlowSide side) {
        long rest = (long) LENGTH << 56 | (long) protocol << 40 | (long) pif.number() << 32
            | (long) side.ourPort() << 16 | side.endpointPort();
        return hash(side.ourHigh(), side.ourLow(), side.endpointHigh(), side.endpointLow(), rest);
    }

    /**
     * The hash of four whole little-endian words and a last one, which holds the bytes left over
     * and in its top byte the length of the whole message, 32 to 39.
     */
    long hash(long m0, long m1, long m2, long m3, long last) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        // Five message words, then the finalisation: four rounds, the first two of which look
        // like those of a word that is zero.
        for (int word = 0; word < 7; word++) {
            long m = switch (word) {
                case 0 -> m0;
                case 1 -> m1;
                case 2 -> m2;
                case 3 -> m3;
                case 4 -> last;
                default -> 0;
            };
            if (word == 5) {
                v2 ^= 0xff;
            }
            v3 ^= m;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
