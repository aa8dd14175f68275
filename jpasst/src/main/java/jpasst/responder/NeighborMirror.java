// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.Arena;
import jpasst.addr.Ip;
import jpasst.addr.MacAddress;
import jpasst.forward.Addresses;
import jpasst.forward.FamilyAddresses;
import jpasst.forward.NeighborNews;
import jpasst.forward.Neighbors;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.log.Log;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.netlink.NeighborListener;
import jpasst.netlink.NeighborSocket;

/**
 * Keeps {@link Neighbors} as the host's table is, for the template interfaces that are Ethernet,
 * and announces news to the guest. If it cannot, everybody has our MAC address, which works too.
 * Loop thread only.
 */
public final class NeighborMirror implements EventHandler, NeighborListener, NeighborNews {
    private final Addresses addresses;
    private final Neighbors neighbors;
    private final ArpResponder arp;
    private final Services services;
    private final Log log;
    private EventLoop loop;
    /** Null while there is no subscription. */
    private NeighborSocket socket;
    /** Interface whose neighbours are mirrored, of each family; 0 for none. */
    private int indexV4;
    private int indexV6;
    private boolean announcing;

    /**
     * Mirrors nothing until {@link #start}.
     *
     * @param arp announces IPv4 addresses
     * @param services announce IPv6 addresses
     */
    public NeighborMirror(Addresses addresses, ArpResponder arp, Services services, Log log) {
        this.addresses = addresses;
        this.neighbors = addresses.neighbors();
        this.arp = arp;
        this.services = services;
        this.log = log;
    }

    /**
     * Subscribes to the neighbours of the calling thread's network namespace, if a family has a
     * template interface there. What there is already comes with the loop's first rounds.
     *
     * @param arena lives as long as this
     */
    public void start(EventLoop loop, Arena arena) {
        this.loop = loop;
        if (!hasTemplate(addresses.v4()) && !hasTemplate(addresses.v6())) return;
        try {
            subscribe(arena);
        } catch (LinuxException e) {
            failed(e.getMessage());
        }
    }

    private static boolean hasTemplate(FamilyAddresses family) {
        return family.templateIndex() > 0;
    }

    private void subscribe(Arena arena) {
        socket = new NeighborSocket(arena, this);
        follow(mirrored(addresses.v4()), mirrored(addresses.v6()));
        if (indexV4 == 0 && indexV6 == 0) {
            close();
            return;
        }
        loop.handler(EventType.NEIGHBOURS, this);
        Errno.check("epoll_ctl", loop.add(socket.fd(), Epoll.EPOLLIN,
                EventTag.of(EventType.NEIGHBOURS, socket.fd(), 0)));
        neighbors.news(this);
    }

    /** Heeds neighbours on these interfaces, those of IPv4 and of IPv6; 0 for none. */
    void follow(int indexV4, int indexV6) {
        this.indexV4 = indexV4;
        this.indexV6 = indexV6;
    }

    private int mirrored(FamilyAddresses family) {
        return socket.isEthernet(family.templateIndex()) ? family.templateIndex() : 0;
    }

    private void failed(String reason) {
        log.debug("cannot follow the host's neighbours, going on with our own MAC address: "
                + reason);
        close();
    }

    private void close() {
        if (socket == null) return;
        neighbors.news(null);
        socket.close();
        socket = null;
    }

    /** Whether the guest is there to be told of news. */
    public void announcing(boolean there) {
        announcing = there;
    }

    /** The kernel has news of neighbours. */
    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        enterNews();
    }

    @Override
    public void enterNews() {
        int rc = socket.read();
        if (rc < 0) {
            loop.remove(socket.fd());
            // What is not kept up is worse than none.
            neighbors.beginDump();
            neighbors.endDump();
            failed(Errno.message(-rc));
        }
    }

    @Override
    public void neighbor(int index, long high, long low, long mac) {
        boolean v4 = Ip.isV4(high, low);
        if (index == 0 || index != (v4 ? indexV4 : indexV6)) return;
        if (mac == NO_MAC) {
            neighbors.forget(high, low);
        } else if (neighbors.learn(high, low, mac)) {
            if (log.tracing()) {
                log.trace("neighbour " + Ip.text(high, low) + " is at " + MacAddress.text(mac));
            }
            if (announcing) announce(v4, high, low, mac);
        }
    }

    private void announce(boolean v4, long high, long low, long mac) {
        if (v4) {
            arp.announce(Ip.v4(low), mac);
        } else {
            services.announce(high, low, mac);
        }
    }

    @Override
    public void dumpBegins() {
        neighbors.beginDump();
    }

    @Override
    public void dumpEnds(boolean complete) {
        if (complete) neighbors.endDump();
    }
}
