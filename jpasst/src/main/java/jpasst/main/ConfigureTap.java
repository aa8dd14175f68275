// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.config.NamespaceOptions;
import jpasst.config.NetworkPlan;
import jpasst.forward.Addresses;
import jpasst.linux.Errno;
import jpasst.linux.Interface;
import jpasst.log.Log;
import jpasst.namespace.InsideTask;
import jpasst.netlink.NamespaceConfigurator;
import jpasst.netlink.NamespaceState;

/**
 * Sets the interface up, as far as the user wants; on the inside thread.
 *
 * @param name of the interface
 * @param options what the user wants
 * @param plan what it is to look like; its addresses learn what the namespace has
 * @param log for what went otherwise
 */
record ConfigureTap(String name, NamespaceOptions options, NetworkPlan plan, Log log)
        implements InsideTask<Void, RuntimeException> {
    @Override
    public Void run() {
        int index = Errno.check("interface " + name, Interface.index(name));
        Addresses addresses = plan.addresses().tapIndex(index);
        try (var configurator = new NamespaceConfigurator(log)) {
            configurator.loopbackUp();
            long mac = options.macAddress();
            if (mac >= 0) configurator.macAddress(index, mac);
            addresses.guestMac(configurator.macAddress(index));
            if (options.configure()) {
                apply(addresses, configurator.configure(index, plan.namespace()));
            }
        }
        return null;
    }

    private static void apply(Addresses addresses, NamespaceState state) {
        if (!state.v4()) addresses.v4().templateIndex(0);
        if (!state.v6()) addresses.v6().templateIndex(0);
        if (state.linkLocal() != null) {
            addresses.learnV6(state.linkLocal().high(), state.linkLocal().low());
        }
    }
}
