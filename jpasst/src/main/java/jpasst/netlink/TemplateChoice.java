// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.log.Log;

/** Picks the template interface, its address and its gateway out of what the kernel lists. */
final class TemplateChoice {
    private static final int LOOPBACK_INDEX = 1;

    private TemplateChoice() {
    }

    /**
     * The interface of the first default route; else of the first route.
     *
     * @param family "IPv4" or "IPv6", for messages
     * @return its index, or 0 if no route is usable
     */
    static int template(List<Route> routes, String family, Log log) {
        int byDefault = 0;
        int defaults = 0;
        int byAny = 0;
        boolean severalInterfaces = false;
        for (Route route : routes) {
            if (!usable(route)) {
                continue;
            }
            if (route.isDefault() && defaults++ == 0) {
                byDefault = route.output();
            }
            severalInterfaces |= byAny != 0 && byAny != route.output();
            if (byAny == 0) {
                byAny = route.output();
            }
        }
        if (defaults > 1) {
            log.info("More than one default " + family + " route: using the first");
        } else if (defaults == 0 && severalInterfaces) {
            log.info("No default " + family + " route, and interfaces with others:"
                    + " using the first");
        } else if (byAny == 0) {
            log.info("No usable " + family + " routes");
        }
        return byDefault != 0 ? byDefault : byAny;
    }

    private static boolean usable(Route route) {
        return route.output() != 0 && route.output() != LOOPBACK_INDEX
                && !route.destination().isLinkLocal();
    }

    /** The gateway of the first default route in the list; unspecified if there is none. */
    static IpAddress gateway(List<Route> throughTemplate, boolean v4) {
        for (Route route : throughTemplate) {
            if (route.isDefault()) {
                return route.gateway();
            }
        }
        return v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    }

    /**
     * The address a guest gets: the one with the longest prefix, the first among equals; not a
     * deprecated one, and for IPv6 no link-local one. {@code null} if there is none.
     */
    static InterfaceAddress address(List<InterfaceAddress> addresses, boolean v4) {
        InterfaceAddress best = null;
        for (InterfaceAddress candidate : addresses) {
            boolean fits = v4 || !candidate.address().isLinkLocal();
            if (fits && !candidate.deprecated()) {
                best = longer(best, candidate);
            }
        }
        return best;
    }

    /** The IPv6 link-local address with the longest prefix; {@code null} if there is none. */
    static InterfaceAddress linkLocal(List<InterfaceAddress> addresses) {
        InterfaceAddress best = null;
        for (InterfaceAddress candidate : addresses) {
            if (candidate.address().isLinkLocal()) {
                best = longer(best, candidate);
            }
        }
        return best;
    }

    private static InterfaceAddress longer(InterfaceAddress best, InterfaceAddress candidate) {
        return best == null || candidate.prefixLength() > best.prefixLength() ? candidate : best;
    }
}
