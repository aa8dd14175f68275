// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.FakeTap;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import jpasst.testing.RecordedFrame;
import jpasst.wire.DomainName;

/**
 * A guest on a link with all services, in the network of the specification's reference exchanges:
 * 10.99.0.1/24 behind 10.99.0.2, fd99::1 behind a link-local address of ours.
 */
final class ServiceGuest {
    static final String LINK_LOCAL = "fe80::1234";
    static final String OUR_LINK_LOCAL = "fe80::2c69:63ff:feb7:f614";
    static final ServiceSettings ALL = settings(true, "myhost", "my.host.example",
            "a.example", "b.example");

    final FakeTap tap = new FakeTap();
    final Counters counters = new Counters();
    final List<String> logged = new ArrayList<>();
    final Log log = new Log((level, elapsedNs, text) -> logged.add(text)).level(Level.DEBUG);
    final Addresses addresses = new Addresses(log).guestMac(FrameBuilder.GUEST_MAC)
            .ourTapMac(FrameBuilder.OUR_MAC);
    Services services;
    long nowNs = 1_000_000_000_000L;

    ServiceGuest() {
        addresses.v4().templateIndex(1).address(IpAddress.parse("10.99.0.1")).prefixLength(24)
                .guestGateway(IpAddress.parse("10.99.0.2"))
                .ourTapAddress(IpAddress.parse("10.99.0.2"));
        addresses.v6().templateIndex(1).address(IpAddress.parse("fd99::1")).prefixLength(64)
                .guestGateway(IpAddress.parse("fd99::2"))
                .ourTapAddress(IpAddress.parse(OUR_LINK_LOCAL));
        with(ALL);
    }

    /** Settings with all services, and one resolver of each family if {@code dns}. */
    static ServiceSettings settings(boolean dns, String hostName, String fullName,
            String... search) {
        var names = new ArrayList<DomainName>();
        for (var text : search) {
            names.add(DomainName.tryParse(text));
        }
        return new ServiceSettings(true, true, true, true, 65520, hostName,
                fullName == null ? null : DomainName.tryParse(fullName),
                dns ? List.of(IpAddress.parse("192.0.2.53")) : List.of(),
                dns ? List.of(IpAddress.parse("2001:db8::53")) : List.of(), names);
    }

    /** Starts the services anew. */
    ServiceGuest with(ServiceSettings settings) {
        services = new Services(addresses, settings, tap, counters, log, Arena.ofAuto());
        return this;
    }

    /** Sends what is for the services. */
    void send(FrameBuilder builder) {
        assertTrue(offer(builder.bytes(), false), "not for the services");
    }

    /** Sends, if it is for the services, and tells whether it was. */
    boolean offer(byte[] bytes, boolean trusted) {
        var loaded = new GuestFrame().load(bytes);
        if (!loaded.parse() || !services.isFor(loaded.packet())) return false;
        loaded.frame().trusted(trusted);
        services.fromTap(loaded.frame(), loaded.packet(), nowNs);
        return true;
    }

    /** A frame with a DHCP message, from a client without an address. */
    static FrameBuilder dhcp(byte... message) {
        return FrameBuilder.frame().ipv4("0.0.0.0", "255.255.255.255").udp(68, 67)
                .payload(message);
    }

    /** A DHCP message with these options, in hexadecimal, and the end behind them. */
    static byte[] message(int flags, String options) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(hex("01010603 11223344 0009"));
        out.write(flags >> 8);
        out.write(flags);
        out.writeBytes(new byte[16]);
        out.writeBytes(hex("525400123456 00000000000000000000"));
        out.writeBytes(new byte[192]);
        out.writeBytes(hex("63825363" + options + "ff"));
        return out.toByteArray();
    }

    /** Sends a DHCP message with these options and returns the DHCP message it is answered by. */
    byte[] ask(String options) {
        send(dhcp(message(0, options)));
        var bytes = tap.take().bytes();
        return java.util.Arrays.copyOfRange(bytes, 42, bytes.length);
    }

    /** The options of a DHCP message in hexadecimal. */
    static String options(byte[] message) {
        return HexFormat.of().formatHex(message, 240, message.length);
    }

    /** Sends a DHCPv6 message, in hexadecimal, from our link-local address to all servers. */
    void send6(String message) {
        send(FrameBuilder.frame().ipv6(LINK_LOCAL, "ff02::1:2").udp(546, 547)
                .payload(hex(message)));
    }

    /** The same, and the DHCPv6 message it is answered by, in hexadecimal. */
    String ask6(String message) {
        send6(message);
        return message6(tap.take());
    }

    /** The DHCPv6 message of a frame, in hexadecimal. */
    static String message6(RecordedFrame frame) {
        return HexFormat.of().formatHex(frame.bytes(), 62, frame.bytes().length);
    }

    long count(Counter counter) {
        return counters.get(counter);
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }
}
