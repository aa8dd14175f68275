// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;

/**
 * Gives the options their meaning: applies them in their order, then checks what depends on
 * several of them.
 */
final class OptionParser {
    private static final int MIN_MTU_V4 = 68;    // RFC 791
    private static final int MIN_MTU_V6 = 1280;  // RFC 8200 5
    /** As QEMU's vhost-user back-end programs say what they are for. */
    private static final String CAPABILITIES = """
            {
              "type": "net"
            }
            """;

    private final Mode mode;
    private final String[] arguments;
    private final OptionReader reader;
    private final FamilyChoices v4 = new FamilyChoices();
    private final FamilyChoices v6 = new FamilyChoices();
    private final ForwardingChoices forwarding = new ForwardingChoices();
    private final ServiceChoices services;
    private final NamespaceChoices namespace = new NamespaceChoices();
    private final LogChoices log = new LogChoices();
    private final List<String> warnings = new ArrayList<>();

    private boolean foreground;
    private boolean chrootFallback;
    private boolean tcp = true;
    private boolean udp = true;
    private boolean icmp = true;
    private boolean mapGateway = true;
    private int mtu = AddressOptions.DEFAULT_MTU;
    private int netmask = -1;
    private int addressLength = -1;
    private long ourMac = AddressOptions.DEFAULT_MAC;
    private String socketPath;
    private int fd = GuestOptions.NO_FD;
    private boolean oneOff;
    private String templateInterface;
    private String captureFile;
    private String pidFile;
    private String runAs;

    OptionParser(Mode mode, String[] arguments) {
        this.mode = mode;
        this.services = new ServiceChoices(mode == Mode.PASST);
        this.arguments = arguments;
        this.reader = new OptionReader(arguments);
    }

    /**
     * Applies all options.
     *
     * @return the text that {@code --help} or one like it asks for, or null
     */
    String readOptions() {
        for (var option = reader.next(); option != null; option = reader.next()) {
            requireSupported(option);
            switch (option) {
                case HELP -> {
                    return HelpText.help(mode);
                }
                case VERSION -> {
                    return HelpText.version(mode);
                }
                case PRINT_CAPABILITIES -> {
                    return CAPABILITIES;
                }
                default -> apply(option, reader.value());
            }
        }
        return null;
    }

    /** The whole, after {@link #readOptions}. */
    Settings settings() {
        var namespace = mode == Mode.PASTA ? this.namespace.toOptions(operands())
                : withoutNamespace();
        boolean starts = namespace.target().startsCommand();
        if (addressLength >= 0 && netmask >= 0) {
            throw new ConfigurationException(
                    "redundant prefix length: both in --address and by --netmask");
        }
        int prefixLength = addressLength >= 0 ? addressLength : netmask;
        var addresses = new AddressOptions(v4.toOptions(prefixLength), v6.toOptions(-1),
                templateInterface, mtu, ourMac, mapGateway);
        return new Settings(mode, addresses, namespace,
                new GuestOptions(socketPath, fd, oneOff || fd >= 0),
                new ProtocolOptions(tcp, udp, icmp), forwarding.toOptions(mode),
                services.toOptions(), log.toOptions(starts),
                new ProcessOptions(foreground || starts, pidFile, runAs, chrootFallback),
                captureFile, warnings());
    }

    private void requireSupported(Option option) {
        if (!option.scope().includes(mode)) {
            throw new ConfigurationException("option " + reader.spelling() + " is for "
                    + option.scope().program() + " only");
        }
        if (option.support() == OptionSupport.NOT_YET) {
            throw new ConfigurationException(
                    "option " + reader.spelling() + " is not supported yet");
        }
    }

    private void apply(Option option, String value) {
        switch (option.group()) {
            case GENERAL -> applyGeneral(option, value);
            case PROCESS -> applyProcess(option, value);
            case NAMESPACE -> applyNamespace(option, value);
            case ADDRESSING -> applyAddressing(option, value);
            case TRANSLATION -> applyTranslation(option, value);
            case OUTBOUND -> applyOutbound(option, value);
            case PROTOCOLS -> applyProtocols(option);
            case FORWARDING -> applyForwarding(option, value);
            case GUEST -> applyGuest(option, value);
            case SERVICES -> applyServices(option, value);
        }
    }

    private void applyGeneral(Option option, String value) {
        switch (option) {
            case STDERR -> warnings.add("--stderr has no effect, and will be dropped soon");
            case PCAP -> captureFile = OptionValues.path(option, value);
            case STATS -> {
                if (!foreground) {
                    throw new ConfigurationException("--stats needs --foreground before it");
                }
                log.apply(option, value);
            }
            default -> {
                if (!log.apply(option, value)) {
                    throw unhandled(option);
                }
            }
        }
    }

    private void applyProcess(Option option, String value) {
        switch (option) {
            case FOREGROUND -> foreground = true;
            case PID -> pidFile = OptionValues.path(option, value);
            case RUNAS -> runAs = value;
            case CHROOT_FALLBACK -> chrootFallback = true;
            default -> throw unhandled(option);
        }
    }

    private void applyNamespace(Option option, String value) {
        if (!namespace.apply(option, value, warnings)) {
            throw unhandled(option);
        }
    }

    private void applyGuest(Option option, String value) {
        switch (option) {
            case SOCKET, SOCKET_PATH -> {
                socketPath = OptionValues.socketPath(option, value);
                fd = GuestOptions.NO_FD;
            }
            case FD -> {
                fd = OptionValues.descriptor(value);
                socketPath = null;
            }
            case ONE_OFF -> oneOff = true;
            default -> throw unhandled(option);
        }
    }

    private void applyAddressing(Option option, String value) {
        switch (option) {
            case IPV4_ONLY -> enable(true, false);
            case IPV6_ONLY -> enable(false, true);
            case INTERFACE -> templateInterface = OptionValues.interfaceName(value);
            case ADDRESS -> address(value);
            case NETMASK -> netmask = OptionValues.netmask(value);
            case GATEWAY -> {
                var gateway = OptionValues.gateway(value);
                family(gateway).gateway = gateway;
            }
            case MTU -> mtu = OptionValues.mtu(value);
            case MAC_ADDR -> ourMac = OptionValues.mac(value);
            default -> throw unhandled(option);
        }
    }

    private void applyTranslation(Option option, String value) {
        switch (option) {
            case MAP_HOST_LOOPBACK -> mapHostLoopback(value);
            case NO_MAP_GW -> mapGateway = false;
            case MAP_GUEST_ADDR -> mapGuestAddress(value);
            case DNS_FORWARD -> {
                var address = OptionValues.mapped(option, value);
                family(address).dnsForward = address;
            }
            case DNS_HOST -> {
                var address = OptionValues.resolver(value);
                family(address).dnsHost = address;
            }
            default -> throw unhandled(option);
        }
    }

    private void applyOutbound(Option option, String value) {
        switch (option) {
            case OUTBOUND_ADDRESS -> {
                var address = OptionValues.outbound(value);
                family(address).outboundAddress = address;
            }
            case OUTBOUND_IF4 -> v4.outboundInterface = OptionValues.interfaceName(value);
            case OUTBOUND_IF6 -> v6.outboundInterface = OptionValues.interfaceName(value);
            default -> throw unhandled(option);
        }
    }

    private void applyProtocols(Option option) {
        switch (option) {
            case NO_TCP -> tcp = false;
            case NO_UDP -> udp = false;
            case NO_ICMP -> icmp = false;
            default -> throw unhandled(option);
        }
    }

    private void applyForwarding(Option option, String value) {
        if (!forwarding.apply(option, value)) {
            throw unhandled(option);
        }
    }

    private void applyServices(Option option, String value) {
        if (option == Option.DNS && ServiceChoices.isNone(value)) {
            v4.dnsForward = null;
            v4.dnsHost = null;
            v6.dnsForward = null;
            v6.dnsHost = null;
        }
        services.apply(option, value);
    }

    private void enable(boolean ipv4, boolean ipv6) {
        v4.enabled = ipv4;
        v6.enabled = ipv6;
    }

    private FamilyChoices family(IpAddress address) {
        return address.isV4() ? v4 : v6;
    }

    private void address(String text) {
        int slash = text.indexOf('/');
        var address = OptionValues.guestAddress(slash < 0 ? text : text.substring(0, slash));
        int length = OptionValues.prefixLength(text, address.isV4() ? 32 : 128);
        family(address).address = address;
        if (address.isV4()) {
            addressLength = length;
        }
    }

    private void mapHostLoopback(String text) {
        if (text.equals("none")) {
            v4.mapHostLoopback = null;
            v6.mapHostLoopback = null;
            mapGateway = false;
        } else {
            var address = OptionValues.mapped(Option.MAP_HOST_LOOPBACK, text);
            family(address).mapHostLoopback = address;
        }
    }

    private void mapGuestAddress(String text) {
        if (text.equals("none")) {
            v4.mapGuestAddress = null;
            v6.mapGuestAddress = null;
        } else {
            var address = OptionValues.mapped(Option.MAP_GUEST_ADDR, text);
            family(address).mapGuestAddress = address;
        }
    }

    private NamespaceOptions withoutNamespace() {
        if (reader.operand() < arguments.length) {
            throw ConfigurationException.usage(
                    "extra non-option argument: " + arguments[reader.operand()]);
        }
        return NamespaceOptions.none();
    }

    private List<String> operands() {
        var operands = new ArrayList<String>();
        for (int i = reader.operand(); i < arguments.length; i++) {
            operands.add(arguments[i]);
        }
        return List.copyOf(operands);
    }

    private List<String> warnings() {
        if (mtu != 0 && mtu < MIN_MTU_V4 && v4.enabled) {
            warnings.add("MTU " + mtu + " is too small for IPv4 (minimum " + MIN_MTU_V4 + ")");
        }
        if (mtu != 0 && mtu < MIN_MTU_V6 && v6.enabled) {
            warnings.add("MTU " + mtu + " is too small for IPv6 (minimum " + MIN_MTU_V6 + ")");
        }
        return List.copyOf(warnings);
    }

    /** An option whose support is claimed in the table, but which nothing applies. */
    private static IllegalStateException unhandled(Option option) {
        return new IllegalStateException("option " + option + " is not handled");
    }
}
