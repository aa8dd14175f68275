// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * What the user said about addresses; {@link NetworkPlan} completes it from the host.
 *
 * @param v4 IPv4
 * @param v6 IPv6
 * @param templateInterface host interface to copy addresses and routes from ({@code -i}), or null
 * @param mtu 0 to {@link #MAX_MTU}; 0: leave the interface's MTU alone
 * @param ourMac the MAC address the guest sees for us, 48 bits
 * @param mapGateway whether the guest's gateway address stands for the host's loopback
 */
public record AddressOptions(FamilyOptions v4, FamilyOptions v6, String templateInterface, int mtu,
        long ourMac, boolean mapGateway) {
    /** The largest MTU: a frame of 65535 bytes less the Ethernet header. */
    public static final int MAX_MTU = 65535 - 14;
    /** {@link #MAX_MTU} rounded down to a multiple of 4. */
    public static final int DEFAULT_MTU = MAX_MTU & ~3;
    /** 9a:55:9a:55:9a:55, a locally administered address. */
    public static final long DEFAULT_MAC = 0x9a55_9a55_9a55L;
}
