// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.Arrays;
import java.util.Objects;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;

/**
 * The sockets of one rule: for each port that was tried the descriptor, or why there is none.
 * Six bytes a port, in the order of ports; a rule that scans has few, any other has them all.
 */
final class RuleSockets {
    private static final int FIRST_CAPACITY = 8;

    private final ForwardRule rule;
    private final int index;
    private char[] ports;
    /** Descriptor or -errno. */
    private int[] sockets;
    private int count;
    private int openCount;

    /** None yet, for the rule at an index of its table. */
    RuleSockets(ForwardRule rule, int index) {
        this.rule = rule;
        this.index = index;
        int capacity = rule.scan() ? FIRST_CAPACITY : rule.portCount();
        ports = new char[capacity];
        sockets = new int[capacity];
    }

    ForwardRule rule() {
        return rule;
    }

    int index() {
        return index;
    }

    /** How many entries there are. */
    int count() {
        return count;
    }

    /** How many of them have a socket. */
    int openCount() {
        return openCount;
    }

    /** The port of the entry at a position. */
    int port(int at) {
        return ports[at];
    }

    /** The descriptor of the entry at a position, or -errno. */
    int socket(int at) {
        return sockets[at];
    }

    /** The position of a port's entry; if it has none, the complement of where it would be. */
    int find(int port) {
        if (count == 0 || port > ports[count - 1]) {
            return ~count;
        }
        return Arrays.binarySearch(ports, 0, count, (char) port);
    }

    /** Whether there is a socket for a port. */
    boolean isOpen(int port) {
        int at = find(port);
        return at >= 0 && sockets[at] >= 0;
    }

    /** Sets descriptor or -errno of a port. */
    void put(int port, int socket) {
        int at = find(port);
        if (at < 0) {
            at = ~at;
            insert(at, port);
        } else if (sockets[at] >= 0) {
            openCount--;
        }
        sockets[at] = socket;
        if (socket >= 0) {
            openCount++;
        }
    }

    private void insert(int at, int port) {
        if (count == ports.length) {
            ports = Arrays.copyOf(ports, 2 * count);
            sockets = Arrays.copyOf(sockets, 2 * count);
        }
        System.arraycopy(ports, at, ports, at + 1, count - at);
        System.arraycopy(sockets, at, sockets, at + 1, count - at);
        ports[at] = (char) port;
        count++;
    }

    /** Forgets the entry at a position; its socket is the caller's to close. */
    void remove(int at) {
        if (sockets[at] >= 0) {
            openCount--;
        }
        count--;
        System.arraycopy(ports, at + 1, ports, at, count - at);
        System.arraycopy(sockets, at + 1, sockets, at, count - at);
    }

    /** Whether a socket of this rule would do for another rule, if that has its port. */
    boolean fits(ForwardRule other) {
        return rule.protocol() == other.protocol()
                && Objects.equals(rule.address(), other.address())
                && Objects.equals(rule.interfaceName(), other.interfaceName());
    }

    /** Gives sockets, for the ports it has, to a rule which they {@link #fits fit}. */
    void handOver(RuleSockets heir, Pif pif, SocketMaker maker) {
        int kept = 0;
        for (int at = 0; at < count; at++) {
            if (sockets[at] >= 0 && heir.has(ports[at])) {
                heir.put(ports[at], sockets[at]);
                if (heir.index != index) {
                    maker.retag(sockets[at], pif, heir.index, heir.rule, ports[at]);
                }
            } else {
                ports[kept] = ports[at];
                sockets[kept++] = sockets[at];
            }
        }
        openCount -= count - kept;
        count = kept;
    }

    private boolean has(int port) {
        return port >= rule.firstPort() && port <= rule.lastPort();
    }
}
