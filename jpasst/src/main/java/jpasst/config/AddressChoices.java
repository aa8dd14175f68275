// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;
import jpasst.addr.IpAddress;

/** {@link AddressOptions} while they are collected, in the order of the command line. */
final class AddressChoices {
    private static final int MIN_MTU_V4 = 68;    // RFC 791
    private static final int MIN_MTU_V6 = 1280;  // RFC 8200 5

    private final FamilyChoices v4 = new FamilyChoices();
    private final FamilyChoices v6 = new FamilyChoices();
    private boolean mapGateway = true;
    private int mtu = AddressOptions.DEFAULT_MTU;
    private int netmask = -1;
    private int addressLength = -1;
    private long ourMac = AddressOptions.DEFAULT_MAC;
    private String templateInterface;

    /** Applies an option of three {@link OptionGroup groups}; false if it is not handled. */
    boolean apply(Option option, String value) {
        return switch (option.group()) {
            case ADDRESSING -> applyAddressing(option, value);
            case TRANSLATION -> applyTranslation(option, value);
            default -> applyOutbound(option, value);
        };
    }

    /** Queries go nowhere else: {@code -D none}. */
    void forgetResolvers() {
        v4.dnsForward = null;
        v4.dnsHost = null;
        v6.dnsForward = null;
        v6.dnsHost = null;
    }

    /**
     * The whole; what contradicts itself is refused.
     *
     * @param warnings where warnings are added
     */
    AddressOptions toOptions(List<String> warnings) {
        if (addressLength >= 0 && netmask >= 0) {
            throw new ConfigurationException(
                    "redundant prefix length: both in --address and by --netmask");
        }
        warn(warnings);
        int prefixLength = addressLength >= 0 ? addressLength : netmask;
        return new AddressOptions(v4.toOptions(prefixLength), v6.toOptions(-1),
                templateInterface, mtu, ourMac, mapGateway);
    }

    private boolean applyAddressing(Option option, String value) {
        switch (option) {
            case IPV4_ONLY -> enable(true, false);
            case IPV6_ONLY -> enable(false, true);
            case INTERFACE -> templateInterface = OptionValues.interfaceName(value);
            case ADDRESS -> address(value);
            case NETMASK -> netmask = OptionValues.netmask(value);
            case GATEWAY -> {
                var gateway = OptionValues.gateway(value);
                family(gateway).gateway = gateway;
            }
            case MTU -> mtu = OptionValues.mtu(value);
            case MAC_ADDR -> ourMac = OptionValues.mac(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean applyTranslation(Option option, String value) {
        switch (option) {
            case MAP_HOST_LOOPBACK -> mapHostLoopback(value);
            case NO_MAP_GW -> mapGateway = false;
            case MAP_GUEST_ADDR -> mapGuestAddress(value);
            case DNS_FORWARD -> {
                var address = OptionValues.mapped(option, value);
                family(address).dnsForward = address;
            }
            case DNS_HOST -> {
                var address = OptionValues.resolver(value);
                family(address).dnsHost = address;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean applyOutbound(Option option, String value) {
        switch (option) {
            case OUTBOUND_ADDRESS -> {
                var address = OptionValues.outbound(value);
                family(address).outboundAddress = address;
            }
            case OUTBOUND_IF4 -> v4.outboundInterface = OptionValues.interfaceName(value);
            case OUTBOUND_IF6 -> v6.outboundInterface = OptionValues.interfaceName(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void enable(boolean ipv4, boolean ipv6) {
        v4.enabled = ipv4;
        v6.enabled = ipv6;
    }

    private FamilyChoices family(IpAddress address) {
        return address.isV4() ? v4 : v6;
    }

    private void address(String text) {
        int slash = text.indexOf('/');
        var address = OptionValues.guestAddress(slash < 0 ? text : text.substring(0, slash));
        int length = OptionValues.prefixLength(text, address.isV4() ? 32 : 128);
        family(address).address = address;
        if (address.isV4()) {
            addressLength = length;
        }
    }

    private void mapHostLoopback(String text) {
        if (text.equals("none")) {
            v4.mapHostLoopback = null;
            v6.mapHostLoopback = null;
            mapGateway = false;
        } else {
            var address = OptionValues.mapped(Option.MAP_HOST_LOOPBACK, text);
            family(address).mapHostLoopback = address;
        }
    }

    private void mapGuestAddress(String text) {
        if (text.equals("none")) {
            v4.mapGuestAddress = null;
            v6.mapGuestAddress = null;
        } else {
            var address = OptionValues.mapped(Option.MAP_GUEST_ADDR, text);
            family(address).mapGuestAddress = address;
        }
    }

    private void warn(List<String> warnings) {
        if (mtu != 0 && mtu < MIN_MTU_V4 && v4.enabled) {
            warnings.add("MTU " + mtu + " is too small for IPv4 (minimum " + MIN_MTU_V4 + ")");
        }
        if (mtu != 0 && mtu < MIN_MTU_V6 && v6.enabled) {
            warnings.add("MTU " + mtu + " is too small for IPv6 (minimum " + MIN_MTU_V6 + ")");
        }
    }
}
