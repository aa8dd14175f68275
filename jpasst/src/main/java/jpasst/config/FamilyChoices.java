// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.addr.IpAddress;

/** {@link FamilyOptions} while they are collected: a later option overwrites an earlier one. */
final class FamilyChoices {
    boolean enabled = true;
    IpAddress address;
    IpAddress gateway;
    IpAddress mapHostLoopback;
    IpAddress mapGuestAddress;
    IpAddress dnsForward;
    IpAddress dnsHost;
    IpAddress outboundAddress;
    String outboundInterface;

    FamilyOptions toOptions(int prefixLength) {
        return new FamilyOptions(enabled, address, prefixLength, gateway, mapHostLoopback,
                mapGuestAddress, dnsForward, dnsHost, outboundAddress, outboundInterface);
    }
}
