// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.addr.IpAddress;
import jpasst.addr.MacAddress;
import jpasst.linux.Interface;
import jpasst.linux.UnixAddress;
import jpasst.wire.DomainName;

/** The values of options: their syntax, their ranges, and the messages if they are wrong. */
final class OptionValues {
    private static final int MAC_LENGTH = 17;
    /** A domain name of 255 bytes in wire form, written with dots. */
    private static final int MAX_HOST_NAME = 253;
    private static final String NAME_RULE = "labels of 1 to 63 characters, 253 in all";

    private static final int STANDARD_ERROR = 2;
    /** What stands for bytes of an argument that are not UTF-8. */
    private static final char UNDECODABLE = '\ufffd';

    private OptionValues() {
    }

    /** An MTU: decimal, hexadecimal after 0x, octal after 0; at most the largest possible one. */
    static int mtu(String text) {
        int mtu = cNumber(text);
        if (mtu < 0 || mtu > AddressOptions.MAX_MTU) {
            throw invalid("MTU", text, "0 to " + AddressOptions.MAX_MTU);
        }
        return mtu;
    }

    /** The largest size of the log file in bytes: decimal, hexadecimal after 0x, octal after 0. */
    static int logSize(String text) {
        int size = cNumber(text);
        if (size < LogOptions.MIN_FILE_SIZE) {
            throw invalid("--log-size", text,
                    LogOptions.MIN_FILE_SIZE + " to " + Integer.MAX_VALUE + " bytes");
        }
        return size;
    }

    /** The time between two lines of event counts: whole seconds. */
    static int statsDelay(String text) {
        int seconds = decimal(text, Integer.MAX_VALUE);
        if (seconds < 1) {
            throw invalid("--stats", text, "1 or more seconds");
        }
        return seconds;
    }

    /** A MAC address an interface can have, as six pairs of hexadecimal digits with colons. */
    static long mac(String text) {
        if (text.length() == MAC_LENGTH) {
            try {
                var address = MacAddress.parse(text);
                if (!address.isMulticast() && address.bits() != 0) {
                    return address.bits();
                }
            } catch (IllegalArgumentException e) {
                // Falls through to the one message.
            }
        }
        throw invalid("MAC address", text, "xx:xx:xx:xx:xx:xx, of one interface");
    }

    /** A name the kernel takes for an interface. */
    static String interfaceName(String text) {
        if (!Interface.isName(text) || text.indexOf(':') >= 0) {
            throw invalid("interface name", text, "1 to 15 characters, no blank, '/' or ':'");
        }
        return text;
    }

    /** A path: anything but nothing, as far as text can carry it. */
    static String path(Option option, String text) {
        if (text.isEmpty()) {
            throw new ConfigurationException("--" + option.longName() + " needs a path");
        }
        if (text.indexOf(UNDECODABLE) >= 0) {
            throw new ConfigurationException(
                    "--" + option.longName() + " needs a path in UTF-8: " + text);
        }
        return text;
    }

    /** A user, whom the launcher has looked up. */
    static String user(String text) {
        if (text.isEmpty()) {
            throw new ConfigurationException("--runas needs a user");
        }
        return text;
    }

    /** A path that fits in a UNIX socket's address. */
    static String socketPath(Option option, String text) {
        if (!UnixAddress.fits(path(option, text))) {
            throw new ConfigurationException("--" + option.longName() + " needs a path of at most "
                    + UnixAddress.MAXIMUM_PATH + " bytes");
        }
        return text;
    }

    /** A descriptor that is none of the standard ones: decimal, 0x hexadecimal or 0 octal. */
    static int descriptor(String text) {
        int fd = cNumber(text);
        if (fd <= STANDARD_ERROR) {
            throw invalid("descriptor", text, "3 or more");
        }
        return fd;
    }

    /** An IPv4 mask, dotted and contiguous, or its length in decimal. */
    static int netmask(String text) {
        int length = decimal(text, 32);
        if (length >= 0) {
            return length;
        }
        var mask = IpAddress.tryParse(text);
        if (mask != null && mask.isV4() && text.indexOf(':') < 0) {
            int zeros = Integer.numberOfTrailingZeros(mask.v4());
            if (zeros == 32 || mask.v4() == -1 << zeros) {
                return 32 - zeros;
            }
        }
        throw invalid("netmask", text, "a contiguous mask, or 0 to 32");
    }

    /** The prefix length after a slash in decimal, or -1 without a slash. */
    static int prefixLength(String text, int max) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return -1;
        }
        int length = decimal(text.substring(slash + 1), max);
        if (length < 0) {
            throw invalid("address", text, "prefix length 0 to " + max);
        }
        return length;
    }

    /** The guest's address: unicast, and not of the loopback. */
    static IpAddress guestAddress(String text) {
        var address = address(Option.ADDRESS, text);
        return checked(Option.ADDRESS, text, address, address.isUnicast() && !address.isLoopback());
    }

    /** The guest's gateway. */
    static IpAddress gateway(String text) {
        var address = address(Option.GATEWAY, text);
        return checked(Option.GATEWAY, text, address, address.isUnicast() && !address.isLoopback());
    }

    /** The source address of sockets. */
    static IpAddress outbound(String text) {
        var address = address(Option.OUTBOUND_ADDRESS, text);
        boolean usable = !address.isUnspecified() && !address.isMulticast();
        if (address.isV4()) {
            usable &= !address.isBroadcast();
        } else {
            // ::/96 holds the loopback and the IPv4-compatible addresses (RFC 4291 2.5.5.1).
            usable &= address.high() != 0 || address.low() >>> 32 != 0;
        }
        return checked(Option.OUTBOUND_ADDRESS, text, address, usable);
    }

    /** An address the guest uses to mean something of the host. */
    static IpAddress mapped(Option option, String text) {
        var address = address(option, text);
        return checked(option, text, address, !address.isUnspecified()
                && !address.isLoopback() && !address.isMulticast() && !address.isBroadcast());
    }

    /** A resolver on the host, which may be on its loopback. */
    static IpAddress resolver(String text) {
        var address = address(Option.DNS_HOST, text);
        return checked(Option.DNS_HOST, text, address, address.isUnicast());
    }

    /** A resolver the guest is told, which it may reach or not. */
    static IpAddress advertisedResolver(String text) {
        var address = address(Option.DNS, text);
        return checked(Option.DNS, text, address, address.isUnicast());
    }

    /** A search domain; a dot alone is taken, too, and means none. */
    static String searchDomain(String text) {
        if (!text.equals(".") && DomainName.tryParse(text) == null) {
            throw invalid("search domain", text, NAME_RULE);
        }
        return text;
    }

    /** A host name, of which not more is asked than that it can be a name. */
    static String hostName(String text) {
        boolean valid = !text.isEmpty() && text.length() <= MAX_HOST_NAME;
        for (int i = 0; valid && i < text.length(); i++) {
            valid = text.charAt(i) > ' ' && text.charAt(i) <= '~';
        }
        if (!valid) {
            throw invalid("host name", text, "1 to 253 characters of ASCII without blanks");
        }
        return text;
    }

    /** A full name, with or without a dot at the end. */
    static DomainName fullName(String text) {
        var name = DomainName.tryParse(text);
        if (name == null) {
            throw invalid("full name", text, NAME_RULE);
        }
        return name;
    }

    /** The ID of a process, if the text is a decimal number, else -1. */
    static int pid(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        if (text.isEmpty()) {
            return -1;
        }
        int pid = decimal(text, Integer.MAX_VALUE);
        if (pid <= 0) {
            throw new ConfigurationException("invalid PID: " + text);
        }
        return pid;
    }

    private static IpAddress address(Option option, String text) {
        var address = IpAddress.tryParse(text);
        boolean mapped = address != null && address.isV4() && text.indexOf(':') >= 0;
        return checked(option, text, address, address != null && !mapped);
    }

    private static IpAddress checked(Option option, String text, IpAddress address, boolean valid) {
        if (!valid) {
            throw new ConfigurationException(
                    "invalid address for --" + option.longName() + ": " + text);
        }
        return address;
    }

    private static ConfigurationException invalid(String what, String text, String allowed) {
        return new ConfigurationException("invalid " + what + ": " + text + " (" + allowed + ")");
    }

    /** A decimal number from 0 to {@code max}, or -1. */
    private static int decimal(String text, int max) {
        return number(text, 0, 10, max);
    }

    /** A number as C writes it, from 0 to the largest int, or -1. */
    private static int cNumber(String text) {
        if (text.startsWith("0x") || text.startsWith("0X")) {
            return number(text, 2, 16, Integer.MAX_VALUE);
        }
        boolean octal = text.length() > 1 && text.charAt(0) == '0';
        return number(text, 0, octal ? 8 : 10, Integer.MAX_VALUE);
    }

    private static int number(String text, int from, int radix, int max) {
        if (from == text.length()) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            number = number * radix + digit;
            if (number > max) {
                return -1;
            }
        }
        return (int) number;
    }
}
