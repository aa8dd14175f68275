// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * What a {@link Witness} saw of a client: the client's address and its own, without scopes, its own
 * port, and whether the client's port was the one which the client itself knows.
 */
record Seen(String peer, String local, int localPort, boolean portKept) {
    /** The expectation, with addresses in any form. */
    static Seen of(String peer, String local, int localPort, boolean portKept) {
        return new Seen(canonical(peer), canonical(local), localPort, portKept);
    }

    /** As a witness tells it. */
    static String tell(InetSocketAddress peer, InetAddress local, int localPort) {
        return plain(peer.getAddress()) + " " + peer.getPort() + " " + plain(local) + " "
                + localPort;
    }

    /** As a client on port {@code clientPort} understands what a witness told. */
    static Seen parse(String told, int clientPort) {
        var words = told.strip().split(" ");
        if (words.length != 4) throw new AssertionError("no witness speaks so: " + told);
        return new Seen(words[0], words[2], Integer.parseInt(words[3]),
                Integer.parseInt(words[1]) == clientPort);
    }

    private static String canonical(String address) {
        try {
            return plain(InetAddress.getByName(address));
        } catch (UnknownHostException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String plain(InetAddress address) {
        return address.getHostAddress().split("%")[0];
    }
}
