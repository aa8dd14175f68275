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
 * Sets the namespace's interfaces up, as far as the user wants; on the inside thread.
 *
 * @param name of the tap's interface, or null if there is none
 * @param options what the user wants
 * @param plan what it is to look like; its addresses learn what the namespace has
 * @param log for what went otherwise
 */
record ConfigureNamespace(String name, NamespaceOptions options, NetworkPlan plan, Log log)
        implements InsideTask<Void, RuntimeException> {
    @Override
    public Void run() {
        try (var configurator = new NamespaceConfigurator(log)) {
            configurator.loopbackUp();
            if (name != null) configureTap(configurator);
        }
        return null;
    }

    private void configureTap(NamespaceConfigurator configurator) {
        int index = Errno.check("interface " + name, Interface.index(name));
        Addresses addresses = plan.addresses().tapIndex(index);
        long mac = options.macAddress();
        if (mac >= 0) configurator.macAddress(index, mac);
        addresses.guestMac(configurator.macAddress(index));
        if (options.configure()) {
            apply(addresses, configurator.configure(index, plan.namespace()));
        }
    }

    private static void apply(Addresses addresses, NamespaceState state) {
        if (!state.v4()) addresses.v4().templateIndex(0);
        if (!state.v6()) addresses.v6().templateIndex(0);
        if (state.linkLocal() != null) {
            addresses.learnV6(state.linkLocal().high(), state.linkLocal().low());
        }
    }
}
