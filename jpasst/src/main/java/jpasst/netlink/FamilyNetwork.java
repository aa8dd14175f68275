// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.List;
import jpasst.addr.IpAddress;

/**
 * What one family of addresses looks like for the guest, and where it was copied from. Immutable.
 *
 * <p>Addresses which there are not are the unspecified one of the family, never {@code null}.
 *
 * @param templateIndex the host's interface that serves as template, {@link #LOCAL} or
 *     {@link #DISABLED}
 * @param templateName its name; {@code null} without one
 * @param mtu its MTU in bytes; 0 without one
 * @param address the guest's address
 * @param prefixLength of that address: 0 to 32 or 0 to 128
 * @param gateway the guest's gateway
 * @param ourAddress our own address on the tap link: the gateway, but for IPv6 always link-local
 * @param addresses all addresses of the family on the template interface, in the kernel's order
 * @param routes the main table's unicast routes through the template interface, in its order
 */
public record FamilyNetwork(int templateIndex, String templateName, int mtu, IpAddress address,
        int prefixLength, IpAddress gateway, IpAddress ourAddress,
        List<InterfaceAddress> addresses, List<Route> routes) {
    /** Instead of an index: no usable interface, addresses are link-local inventions. */
    public static final int LOCAL = -1;
    /** Instead of an index: the family is not used. */
    public static final int DISABLED = 0;

    private static final IpAddress LOCAL_GUEST_V4 = IpAddress.ofV4(0xa9fe_0201);
    private static final IpAddress LOCAL_GATEWAY_V4 = IpAddress.ofV4(0xa9fe_0202);
    private static final int LOCAL_PREFIX_V4 = 16;
    private static final int PREFIX_V6 = 64;
    private static final IpAddress LOCAL_GATEWAY_V6 = new IpAddress(0xfe80L << 48, 1);

    /** Whether the family is used. */
    public boolean enabled() {
        return templateIndex != DISABLED;
    }

    /** Whether the family is used without a template interface. */
    public boolean local() {
        return templateIndex == LOCAL;
    }

    /** A family which is not used. */
    public static FamilyNetwork disabled(boolean v4) {
        return bare(DISABLED, v4);
    }

    /** A family which is used, but of which there is nothing but the loopback. */
    public static FamilyNetwork withoutAddresses(boolean v4) {
        return bare(LOCAL, v4);
    }

    private static FamilyNetwork bare(int index, boolean v4) {
        IpAddress none = v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
        return new FamilyNetwork(index, null, 0, none, 0, none, none, List.of(), List.of());
    }

    /**
     * A family without template: 169.254.2.1/16 behind 169.254.2.2, or no address behind fe80::1.
     * What the command line gives has precedence.
     */
    static FamilyNetwork local(boolean v4, DiscoveryOptions.Family options) {
        IpAddress gateway = options.gateway();
        if (gateway == null) {
            gateway = v4 ? LOCAL_GATEWAY_V4 : LOCAL_GATEWAY_V6;
        }
        IpAddress address = options.address();
        int prefixLength = v4 ? LOCAL_PREFIX_V4 : PREFIX_V6;
        if (address != null) {
            prefixLength = prefixLength(options);
        } else {
            address = v4 ? LOCAL_GUEST_V4 : IpAddress.ANY_V6;
        }
        return new FamilyNetwork(LOCAL, null, 0, address, prefixLength, gateway,
                v4 || gateway.isLinkLocal() ? gateway : LOCAL_GATEWAY_V6, List.of(), List.of());
    }

    /** The prefix length that goes with a given address: given too, or of the address's class. */
    static int prefixLength(DiscoveryOptions.Family options) {
        if (!options.address().isV4()) {
            return PREFIX_V6;
        }
        return options.prefixLength() >= 0
                ? options.prefixLength() : classfulPrefix(options.address().v4());
    }

    /** RFC 791 section 3.2: class A, B, C; a single host for anything else. */
    private static int classfulPrefix(int bits) {
        if (bits >>> 31 == 0) {
            return 8;
        }
        if (bits >>> 30 == 0b10) {
            return 16;
        }
        return bits >>> 29 == 0b110 ? 24 : 32;
    }
}
