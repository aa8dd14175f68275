// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.IpAddress;

/**
 * What the rules of a table may ask for.
 *
 * @param v4 whether IPv4 is forwarded
 * @param v6 whether IPv6 is forwarded
 * @param tcp whether TCP is forwarded
 * @param udp whether UDP is forwarded
 * @param scan whether ports may follow those bound on the other side, which takes a namespace
 * @param interfaceNames whether sockets may listen on one interface, see {@link DeviceBinding}
 */
public record RuleCapabilities(boolean v4, boolean v6, boolean tcp, boolean udp, boolean scan,
        boolean interfaceNames) {

    /** The address that stands for any of the enabled families, see {@link ForwardRule}. */
    IpAddress any() {
        if (v4 && v6) {
            return null;
        }
        return v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    }
}
