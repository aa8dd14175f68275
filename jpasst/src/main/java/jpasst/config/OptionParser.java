// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives the options their meaning: applies them in their order, then checks what depends on
 * several of them.
 */
final class OptionParser {
    /** As QEMU's vhost-user back-end programs say what they are for. */
    private static final String CAPABILITIES = """
            {
              "type": "net"
            }
            """;

    private final Mode mode;
    private final String[] arguments;
    private final OptionReader reader;
    private final AddressChoices addresses = new AddressChoices();
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
    private String socketPath;
    private int fd = GuestOptions.NO_FD;
    private boolean oneOff;
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
        return new Settings(mode, addresses.toOptions(warnings), namespace,
                new GuestOptions(socketPath, fd, oneOff || fd >= 0),
                new ProtocolOptions(tcp, udp, icmp), forwarding.toOptions(mode),
                services.toOptions(), log.toOptions(),
                new ProcessOptions(foreground || starts, pidFile, runAs, chrootFallback),
                captureFile, List.copyOf(warnings));
    }

    private void requireSupported(Option option) {
        if (option.support() == OptionSupport.NOT_YET) {
            throw new ConfigurationException(
                    "option " + reader.spelling() + " is not supported yet");
        }
        if (!option.scope().includes(mode)) {
            throw new ConfigurationException("option " + reader.spelling() + " is for "
                    + option.scope().program() + " only");
        }
    }

    private void apply(Option option, String value) {
        switch (option.group()) {
            case GENERAL -> applyGeneral(option, value);
            case PROCESS -> applyProcess(option, value);
            case NAMESPACE -> require(namespace.apply(option, value, warnings), option);
            case ADDRESSING, TRANSLATION, OUTBOUND ->
                    require(addresses.apply(option, value), option);
            case PROTOCOLS -> applyProtocols(option);
            case FORWARDING -> require(forwarding.apply(option, value), option);
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
            default -> require(log.apply(option, value), option);
        }
    }

    private void applyProcess(Option option, String value) {
        switch (option) {
            case FOREGROUND -> foreground = true;
            case PID -> pidFile = OptionValues.path(option, value);
            case RUNAS -> runAs = OptionValues.user(value);
            case CHROOT_FALLBACK -> chrootFallback = true;
            default -> throw unhandled(option);
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

    private void applyProtocols(Option option) {
        switch (option) {
            case NO_TCP -> tcp = false;
            case NO_UDP -> udp = false;
            case NO_ICMP -> icmp = false;
            default -> throw unhandled(option);
        }
    }

    private void applyServices(Option option, String value) {
        if (option == Option.DNS && ServiceChoices.isNone(value)) {
            addresses.forgetResolvers();
        }
        services.apply(option, value);
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

    private static void require(boolean handled, Option option) {
        if (!handled) {
            throw unhandled(option);
        }
    }

    /** An option whose support is claimed in the table, but which nothing applies. */
    private static IllegalStateException unhandled(Option option) {
        return new IllegalStateException("option " + option + " is not handled");
    }
}
