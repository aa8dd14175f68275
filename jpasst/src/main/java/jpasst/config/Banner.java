// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.addr.MacAddress;
import jpasst.forward.FamilyAddresses;
import jpasst.forward.RuleTable;
import jpasst.forward.Rules;
import jpasst.log.Log;
import jpasst.netlink.HostNetwork;

/**
 * What the program says at info level about the network it makes. Lines appear where they apply.
 */
public final class Banner {
    private static final String INDENT = "    ";

    private Banner() {
    }

    /**
     * Logs the lines.
     *
     * @param plan the network
     * @param log where to
     */
    public static void show(NetworkPlan plan, Log log) {
        var v4 = plan.addresses().v4();
        var v6 = plan.addresses().v6();
        template(plan.host(), log);
        outbound(v4, v6, log);
        if (plan.interfaceName() != null) {
            log.info("Namespace interface: " + plan.interfaceName());
        }
        log.info("MAC:");
        log.info(INDENT + "host: " + MacAddress.text(plan.addresses().ourTapMac()));
        var services = new ServiceBanner(plan.services(), log);
        translation(v4, log);
        services.v4(v4);
        translation(v6, log);
        services.v6(v6);
    }

    /**
     * Logs the lines about forwarding rules, which are the last.
     *
     * @param rules the rules
     * @param mode passt has rules for one direction only
     * @param log where to
     */
    public static void show(Rules rules, Mode mode, Log log) {
        log.info("Inbound forwarding rules (HOST):");
        table(rules.host(), log);
        if (mode == Mode.PASST) {
            return;
        }
        log.info("Outbound forwarding rules (SPLICE):");
        table(rules.splice(), log);
    }

    /**
     * Logs how to use the socket, after all else.
     *
     * @param path where it is
     * @param log where to
     */
    public static void showUse(String path, Log log) {
        log.info("");
        log.info("QEMU 7.2 or later connects with:");
        log.info(INDENT + "-device virtio-net-pci,netdev=s"
                + " -netdev stream,id=s,server=off,addr.type=unix,addr.path=" + path);
    }

    private static void table(RuleTable table, Log log) {
        for (int i = 0; i < table.size(); i++) {
            log.info(INDENT + table.rule(i));
        }
    }

    private static void template(HostNetwork host, Log log) {
        names("Template interface: ", host.v4().templateName(), host.v6().templateName(), log);
    }

    private static void outbound(FamilyAddresses v4, FamilyAddresses v6, Log log) {
        names("Outbound interface: ", v4.outboundInterface(), v6.outboundInterface(), log);
        if (v4.outboundAddress() != null) {
            log.info("Outbound IPv4 address: " + v4.outboundAddress());
        }
        if (v6.outboundAddress() != null) {
            log.info("Outbound IPv6 address: " + v6.outboundAddress());
        }
    }

    private static void names(String title, String v4, String v6, Log log) {
        if (v4 == null && v6 == null) {
            return;
        }
        var line = new StringBuilder(title);
        if (v4 != null) {
            line.append(v4).append(" (IPv4)");
        }
        if (v6 != null) {
            line.append(v4 == null ? "" : ", ").append(v6).append(" (IPv6)");
        }
        log.info(line.toString());
    }

    private static void translation(FamilyAddresses family, Log log) {
        if (family.mapHostLoopback() != null) {
            log.info(INDENT + "NAT to host " + family.loopback() + ": "
                    + family.mapHostLoopback());
        }
    }
}
