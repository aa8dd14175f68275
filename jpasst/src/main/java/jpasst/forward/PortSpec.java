// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.util.BitSet;
import java.util.List;

import jpasst.addr.IpAddress;

/**
 * A port specifier, the value of {@code -t}, {@code -u}, {@code -T} and {@code -U} (passt(1)),
 * read but not yet turned into rules. Immutable.
 *
 * <p>It is {@code none}, or items with commas between, perhaps after a place to listen:
 *
 * <pre>
 * [ADDRESS | *][%INTERFACE]/      an address may be in brackets; for -t and -u only
 *
 * 22, 22-23                       these ports
 * 22:80, 22-23:80-81              to other ports
 * 22:ADDRESS, 22:ADDRESS/80       to an address
 * ~22, ~22-23                     not these, whatever the other items say
 * all, all:ADDRESS                all ports but the ephemeral ones, those that can be had
 * auto                            only while something is bound to the target port
 * </pre>
 *
 * <p>Without an item that names ports, all are meant but the ephemeral ones; with one,
 * {@code all} means nothing.
 */
public final class PortSpec {
    /** No ports. */
    public static final PortSpec NONE =
        new PortSpec("none", null, List.of(), new BitSet(), false, null);

    /** The ports that are bound on the other side. */
    public static final PortSpec AUTO =
        new PortSpec("auto", null, List.of(), new BitSet(), true, null);

    /** The interface that processes use to talk to their own host. */
    private static final String LOOPBACK_INTERFACE = "lo";

    private final String text;
    private final Listen listen;
    private final List<Mapping> mappings;
    private final BitSet exclusions;
    private final boolean scan;
    private final IpAddress allTarget;

    /** Where to listen: null for any address, null for any interface. */
    record Listen(IpAddress address, String interfaceName) {
    }

    /**
     * An item that names ports.
     *
     * @param targetPort where what comes to the first goes; the other ports follow in order
     * @param targetAddress where it goes, or null if the item does not say
     */
    record Mapping(PortRange ports, int targetPort, IpAddress targetAddress) {
    }

    /** Takes over all values; {@code listen} is null if the specifier does not say. */
    PortSpec(String text, Listen listen, List<Mapping> mappings, BitSet exclusions, boolean scan,
            IpAddress allTarget) {
        this.text = text;
        this.listen = listen;
        this.mappings = mappings;
        this.exclusions = exclusions;
        this.scan = scan;
        this.allTarget = allTarget;
    }

    /**
     * Reads a specifier.
     *
     * @param mayListen whether it may say where to listen
     * @throws RuleException if it is malformed
     */
    public static PortSpec parse(String text, boolean mayListen) {
        return text.equals("none") ? NONE : new PortSpecParser(text).parse(mayListen);
    }

    /** Whether the ephemeral ports matter to its rules. */
    public boolean leavesOutEphemeralPorts() {
        return mappings.isEmpty() && this != NONE;
    }

    /**
     * Adds the rules for what comes in on the host.
     *
     * @param table where to
     * @param protocol IP protocol number
     * @param ephemeral the host's ephemeral ports; may be null if they do not matter
     * @throws RuleException if the table does not take them
     */
    public void addInbound(RuleTable.Builder table, int protocol, PortRange ephemeral) {
        check(table, protocol);
        IpAddress address = listen == null ? null : listen.address();
        add(table, protocol, address == null ? table.capabilities().any() : address,
            listen == null ? null : listen.interfaceName(), ephemeral);
    }

    /**
     * Adds the rules for what processes in the namespace send to its loopback interface, or, where
     * sockets cannot listen on one interface only, to its first loopback addresses. Otherwise as
     * {@link #addInbound}.
     */
    public void addOutbound(RuleTable.Builder table, int protocol, PortRange ephemeral) {
        check(table, protocol);
        RuleCapabilities may = table.capabilities();
        if (may.interfaceNames()) {
            add(table, protocol, may.any(), LOOPBACK_INTERFACE, ephemeral);
            return;
        }
        if (may.v4()) {
            add(table, protocol, IpAddress.LOOPBACK_V4, null, ephemeral);
        }
        if (may.v6()) {
            add(table, protocol, IpAddress.LOOPBACK_V6, null, ephemeral);
        }
    }

    private void check(RuleTable.Builder table, int protocol) {
        if (this == NONE && table.hasRules(protocol)) {
            throw new RuleException("'none' conflicts with the ports of previous options");
        }
        if (scan && !table.capabilities().scan()) {
            throw new RuleException("invalid port specifier '" + text
                + "': 'auto' is for pasta only");
        }
    }

    private void add(RuleTable.Builder table, int protocol, IpAddress address,
            String interfaceName, PortRange ephemeral) {
        for (Mapping mapping : mappings) {
            addWithout(exclusions, table, new ForwardRule(protocol, address, interfaceName,
                mapping.ports().first(), mapping.ports().last(), mapping.targetPort(),
                mapping.targetAddress(), false, scan));
        }
        if (leavesOutEphemeralPorts()) {
            BitSet left = (BitSet) exclusions.clone();
            left.set(ephemeral.first(), ephemeral.last() + 1);
            addWithout(left, table, new ForwardRule(protocol, address, interfaceName, 1,
                PortRange.MAX_PORT, 1, allTarget, true, scan));
        }
    }

    /** Adds a rule, or instead of it those for each run of its ports that are not excluded. */
    private static void addWithout(BitSet excluded, RuleTable.Builder table, ForwardRule whole) {
        int first = excluded.nextClearBit(whole.firstPort());
        while (first <= whole.lastPort()) {
            int end = excluded.nextSetBit(first);
            int last = end < 0 || end > whole.lastPort() ? whole.lastPort() : end - 1;
            table.add(new ForwardRule(whole.protocol(), whole.address(), whole.interfaceName(),
                first, last, whole.targetOf(first), whole.targetAddress(), whole.weak(),
                whole.scan()));
            first = excluded.nextClearBit(last + 1);
        }
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
