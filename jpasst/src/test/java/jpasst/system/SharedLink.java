// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.util.List;

/**
 * The host's link as one that it shares with others: "world" becomes a switch between the host and
 * whoever joins, and keeps its addresses.
 */
final class SharedLink {
    private final Lab lab;
    private int ports;

    SharedLink(Lab lab) {
        this.lab = lab;
        var world = lab.world();
        world.run("ip", "link", "add", "switch", "type", "bridge");
        world.run("ip", "link", "set", "switch", "up");
        world.run("ip", "address", "flush", "dev", "world0");
        for (var address : List.of(Lab.GATEWAY_V4, Lab.SERVER_V4))
            world.run("ip", "address", "add", address + "/24", "dev", "switch");
        for (var address : List.of(Lab.SERVER_V6, Lab.GATEWAY_V6))
            world.run("ip", "address", "add", address + "/64", "dev", "switch", "nodad");
        world.run("ip", "link", "set", "world0", "master", "switch");
    }

    /** A further host of the link, with a MAC address of its own. */
    NetworkNamespace join(String role, String mac, String v4, String v6) {
        var joined = lab.namespace(role);
        var port = "port" + ++ports;
        lab.link(joined, "eth0", lab.world(), port);
        lab.world().run("ip", "link", "set", port, "master", "switch");
        joined.run("ip", "link", "set", "eth0", "address", mac);
        joined.run("ip", "address", "add", v4 + "/24", "dev", "eth0");
        joined.run("ip", "address", "add", v6 + "/64", "dev", "eth0", "nodad");
        return joined;
    }
}
