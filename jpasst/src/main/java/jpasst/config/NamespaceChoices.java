// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;
import jpasst.config.NamespaceOptions.Target;

/** {@link NamespaceOptions} while they are collected, in the order of the command line. */
final class NamespaceChoices {
    private static final String NAMED_NAMESPACES = "/run/netns/";

    private String netnsPath;
    private String usernsPath;
    private boolean netnsOnly;
    private String interfaceName;
    private long macAddress = -1;
    private boolean configure;
    private boolean quitWithNamespace = true;
    private boolean pidNamespace = true;
    private boolean copyRoutes = true;
    private boolean copyAddresses = true;

    /**
     * Applies an option of {@link OptionGroup#NAMESPACE}.
     *
     * @param warnings where warnings are added
     * @return false if it is not handled
     */
    boolean apply(Option option, String value, List<String> warnings) {
        switch (option) {
            case NETNS -> {
                OptionValues.path(option, value);
                netnsPath = value.indexOf('/') < 0 ? NAMED_NAMESPACES + value : value;
            }
            case USERNS -> {
                usernsPath = OptionValues.path(option, value);
                netnsOnly = false;
            }
            case NETNS_ONLY -> {
                usernsPath = null;
                netnsOnly = true;
            }
            case CONFIG_NET -> configure = true;
            case NS_IFNAME -> interfaceName = OptionValues.interfaceName(value);
            case NS_MAC_ADDR -> macAddress = OptionValues.mac(value);
            case NO_NETNS_QUIT -> quitWithNamespace = false;
            case NO_PIDNS -> pidNamespace = false;
            case NO_COPY_ROUTES -> {
                copyRoutes = false;
                warnings.add("--no-copy-routes will be dropped soon: use --gateway");
            }
            case NO_COPY_ADDRS -> {
                copyAddresses = false;
                warnings.add("--no-copy-addrs will be dropped soon: use --address");
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * The whole; what contradicts itself is refused.
     *
     * @param operands what follows the options
     */
    NamespaceOptions toOptions(List<String> operands) {
        int pid = operands.size() == 1 ? OptionValues.pid(operands.get(0)) : -1;
        var target = target(operands, pid);
        requireConsistency(target, !operands.isEmpty());
        boolean impliedOnly = target == Target.PATH && usernsPath == null;
        return new NamespaceOptions(target, target == Target.COMMAND ? operands : List.of(),
                Math.max(pid, 0), netnsPath, usernsPath, netnsOnly || impliedOnly, interfaceName,
                macAddress, configure, quitWithNamespace, pidNamespace, copyRoutes, copyAddresses);
    }

    private Target target(List<String> operands, int pid) {
        if (netnsPath != null) {
            return Target.PATH;
        }
        if (pid > 0) {
            return Target.PROCESS;
        }
        return operands.isEmpty() ? Target.SHELL : Target.COMMAND;
    }

    private void requireConsistency(Target target, boolean operands) {
        if (netnsPath != null && operands) {
            throw new ConfigurationException("both --netns and a PID or command given");
        }
        if (!pidNamespace && !target.startsCommand()) {
            throw new ConfigurationException(
                    "--no-pidns is for a command or shell, not for a PID or --netns");
        }
        if (!configure && !copyRoutes) {
            throw new ConfigurationException("--no-copy-routes needs --config-net");
        }
        if (!configure && !copyAddresses) {
            throw new ConfigurationException("--no-copy-addrs needs --config-net");
        }
    }
}
