// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.linux.Interface;

/** Reads one {@link PortSpec}. */
final class PortSpecParser {
    private static final String ALL = "all";
    private static final String AUTO = "auto";

    private final String text;
    private final List<PortSpec.Mapping> mappings = new ArrayList<>(1);
    private final BitSet exclusions = new BitSet();
    private boolean scan;
    private IpAddress allTarget;

    PortSpecParser(String text) {
        this.text = text;
    }

    PortSpec parse(boolean mayListen) {
        int slash = text.indexOf('/');
        PortSpec.Listen listen = slash < 0 ? null : listen(text.substring(0, slash));
        if (listen != null && !mayListen) {
            throw invalid("no listening address is allowed here");
        }
        int at = listen == null ? 0 : slash + 1;
        while (at <= text.length()) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            item(text.substring(at, end));
            at = end + 1;
        }
        return new PortSpec(text, listen, mappings, exclusions, scan, allTarget);
    }

    /** What stands before the first slash; null if that belongs to the target of an item. */
    private PortSpec.Listen listen(String place) {
        int percent = place.indexOf('%');
        String host = percent < 0 ? place : place.substring(0, percent);
        boolean any = host.isEmpty() || host.equals("*");
        IpAddress address = any ? null : address(host);
        if (address == null && !any) {
            return null;
        }
        String name = percent < 0 ? null : place.substring(percent + 1);
        if (name != null && !Interface.isName(name)) {
            throw invalid("'" + name + "' is no name of an interface");
        }
        return new PortSpec.Listen(address, name);
    }

    private void item(String item) {
        if (item.equals(AUTO)) {
            scan = true;
        } else if (item.equals(ALL)) {
            allTarget = null;
        } else if (item.startsWith(ALL + ":")) {
            allTarget = target(understood(item, address(item.substring(ALL.length() + 1))));
        } else if (item.startsWith("~")) {
            PortRange ports = understood(item, PortRange.tryParse(item.substring(1)));
            exclusions.set(ports.first(), ports.last() + 1);
        } else {
            include(item);
        }
    }

    private void include(String item) {
        int colon = item.indexOf(':');
        PortRange ports = understood(item,
            PortRange.tryParse(colon < 0 ? item : item.substring(0, colon)));
        if (colon < 0) {
            mappings.add(new PortSpec.Mapping(ports, ports.first(), null));
            return;
        }
        String to = item.substring(colon + 1);
        int slash = to.indexOf('/');
        // "22:23" means a port, since "23" is no address.
        IpAddress whole = slash < 0 ? address(to) : null;
        IpAddress address = slash < 0 ? whole
            : understood(item, address(to.substring(0, slash)));
        PortRange toPorts = whole != null ? ports
            : understood(item, PortRange.tryParse(to.substring(slash + 1)));
        if (toPorts.count() != ports.count()) {
            throw invalid("'" + item + "' leads to another number of ports");
        }
        mappings.add(new PortSpec.Mapping(ports, toPorts.first(), target(address)));
    }

    /** An address, which may be in brackets; null if it is none. */
    private static IpAddress address(String text) {
        int last = text.length() - 1;
        boolean bracketed = last > 0 && text.charAt(0) == '[' && text.charAt(last) == ']';
        return IpAddress.tryParse(bracketed ? text.substring(1, last) : text);
    }

    /** The unspecified address as a target is as good as none. */
    private static IpAddress target(IpAddress address) {
        return address == null || address.isUnspecified() ? null : address;
    }

    private <T> T understood(String item, T value) {
        if (value != null) {
            return value;
        }
        throw invalid((item.equals(text) ? "" : "'" + item + "' is not understood, ")
            + "see SPEC in --help");
    }

    private RuleException invalid(String reason) {
        return new RuleException("invalid port specifier '" + text + "': " + reason);
    }
}
