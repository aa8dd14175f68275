// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import jpasst.addr.IpAddress;

/**
 * How the namespace's interface stands after configuration.
 *
 * @param v4 whether IPv4 is usable; false also if the plan had it and the kernel has not
 * @param v6 the same for IPv6
 * @param linkLocal the interface's own IPv6 link-local address, unspecified if it has none
 */
public record NamespaceState(boolean v4, boolean v6, IpAddress linkLocal) {
}
