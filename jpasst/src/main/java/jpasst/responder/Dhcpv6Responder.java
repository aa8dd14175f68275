// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.Dhcpv6Message;
import jpasst.wire.Dhcpv6Options;
import jpasst.wire.IpPacket;
import jpasst.wire.SearchList;

/**
 * The DHCPv6 server of a link with one guest (RFC 8415): the guest gets its one address, for ever,
 * and is told so if it comes with another. Nothing is remembered.
 */
final class Dhcpv6Responder {
    private static final int INFINITE = -1;
    private static final int FLOW_LABEL_MASK = 0xf_ffff;
    private static final int IA_SIZE = Dhcpv6Options.IA_NA_HEAD + Dhcpv6Options.HEADER
            + Dhcpv6Options.IA_ADDRESS_HEAD;
    private static final byte[] NOT_ON_LINK =
            status(Dhcpv6Options.NOT_ON_LINK, "the address is not of this link");
    /** What a link with the smallest MTU of IPv6 leaves to the search list, at the worst. */
    private static final int MAXIMUM_SEARCH = 640;
    /** No answer. */
    private static final int NONE = 0;

    private final Addresses addresses;
    private final Outgoing out;
    private final Counters counters;
    private final Log log;
    private final RateLimit answers;
    private final byte[] serverId;
    private final byte[] resolvers;
    private final byte[] search;
    private final byte[] fullName;
    private final Dhcpv6Request request;
    private final Dhcpv6Message message = new Dhcpv6Message();
    private MemorySegment memory;
    private long start;
    private int length;

    /**
     * @param addresses with an address for the guest, and one of ours, which stay
     * @param serverId our identifier (DUID)
     */
    Dhcpv6Responder(Addresses addresses, ServiceSettings settings, byte[] serverId, Outgoing out,
            Counters counters, Log log) {
        this.addresses = addresses;
        this.out = out;
        this.counters = counters;
        this.log = log;
        this.serverId = serverId;
        answers = new RateLimit(log, Level.INFO);
        request = new Dhcpv6Request(serverId);
        resolvers = bytes(settings.resolversV6());
        search = SearchList.plain(settings.search(), MAXIMUM_SEARCH);
        fullName = settings.fullName() == null ? null : settings.fullName().toBytes();
    }

    private static byte[] bytes(List<IpAddress> addresses) {
        var bytes = new byte[16 * addresses.size()];
        var segment = MemorySegment.ofArray(bytes);
        for (int i = 0; i < addresses.size(); i++) {
            BigEndian.putU64(segment, 16L * i, addresses.get(i).high());
            BigEndian.putU64(segment, 16L * i + 8, addresses.get(i).low());
        }
        return bytes;
    }

    private static byte[] status(int code, String text) {
        var words = text.getBytes(StandardCharsets.US_ASCII);
        var content = new byte[2 + words.length];
        content[1] = (byte) code;
        System.arraycopy(words, 0, content, 2, words.length);
        return content;
    }

    /**
     * Takes what a datagram to the servers' port and a multicast address holds.
     *
     * @param length bytes there
     * @param packet around it, with a unicast source
     */
    void take(MemorySegment memory, long at, int length, IpPacket packet, long nowNs) {
        IpAddress guest = addresses.v6().address();
        if (!request.parse(memory, at, length, guest)) {
            counters.increment(Counter.DROP_MALFORMED_SERVICE);
            return;
        }
        int type = replyType();
        if (type == NONE) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
            return;
        }
        begin(type);
        if (checksAddresses() && request.hasForeignAddress()) {
            refuse(memory);
            send(packet);
            logRefusal(nowNs);
        } else {
            grant(memory, guest);
            send(packet);
            addresses.learnAssignedV6();
            if (answers.permits(nowNs)) log.info(grantText(type));
        }
    }

    /** RFC 8415 section 16 says which messages are not to be answered. */
    private int replyType() {
        int type = request.type();
        if (!request.hasClientId() && type != Dhcpv6Message.INFORMATION_REQUEST) return NONE;
        boolean fits = switch (type) {
            case Dhcpv6Message.SOLICIT, Dhcpv6Message.CONFIRM -> !request.hasServerId();
            case Dhcpv6Message.REQUEST, Dhcpv6Message.RENEW -> request.namesUs();
            // A server identifier does not belong here, but ours does no harm.
            case Dhcpv6Message.REBIND -> !request.hasServerId() || request.namesUs();
            case Dhcpv6Message.INFORMATION_REQUEST -> !request.hasAssociation()
                    && (!request.hasServerId() || request.namesUs());
            default -> false;
        };
        if (!fits) return NONE;
        return type == Dhcpv6Message.SOLICIT ? Dhcpv6Message.ADVERTISE : Dhcpv6Message.REPLY;
    }

    private boolean checksAddresses() {
        int type = request.type();
        return type == Dhcpv6Message.REQUEST || type == Dhcpv6Message.RENEW
                || type == Dhcpv6Message.CONFIRM;
    }

    private void begin(int type) {
        memory = out.memory();
        start = Outgoing.MESSAGE_AT;
        message.wrap(memory, start).write(type, request.transaction());
        length = Dhcpv6Message.LENGTH;
        length += Dhcpv6Options.put(memory, start + length, Dhcpv6Options.SERVER_ID, serverId);
    }

    /** The association as it came, with a status in place of its addresses. */
    private void refuse(MemorySegment from) {
        int code = Dhcpv6Options.code(from, request.foreignAt());
        int head = code == Dhcpv6Options.IA_NA
                ? Dhcpv6Options.IA_NA_HEAD : Dhcpv6Options.IA_TA_HEAD;
        length += Dhcpv6Options.putHeader(memory, start + length, code,
                head + Dhcpv6Options.HEADER + NOT_ON_LINK.length);
        MemorySegment.copy(from, request.foreignAt() + Dhcpv6Options.HEADER, memory,
                start + length, head);
        length += head;
        length += Dhcpv6Options.put(memory, start + length, Dhcpv6Options.STATUS, NOT_ON_LINK);
        putClientId(from);
    }

    private void grant(MemorySegment from, IpAddress guest) {
        // Who asks for no addresses must be given none (RFC 8415 section 18.3.6).
        if (request.type() != Dhcpv6Message.INFORMATION_REQUEST) putAssociation(guest);
        if (request.hasClientId()) putClientId(from);
        if (resolvers.length > 0) {
            length += Dhcpv6Options.put(memory, start + length, Dhcpv6Options.DNS, resolvers);
        }
        if (search.length > 0) {
            length += Dhcpv6Options.put(memory, start + length, Dhcpv6Options.SEARCH, search);
        }
        if (fullName != null) putFullName();
    }

    private void putAssociation(IpAddress guest) {
        long at = start + length;
        at += Dhcpv6Options.putHeader(memory, at, Dhcpv6Options.IA_NA, IA_SIZE);
        BigEndian.putU32(memory, at, request.identifier());
        BigEndian.putU32(memory, at + 4, INFINITE);
        BigEndian.putU32(memory, at + 8, INFINITE);
        at += Dhcpv6Options.IA_NA_HEAD;
        at += Dhcpv6Options.putHeader(memory, at, Dhcpv6Options.IA_ADDRESS,
                Dhcpv6Options.IA_ADDRESS_HEAD);
        BigEndian.putU64(memory, at, guest.high());
        BigEndian.putU64(memory, at + 8, guest.low());
        BigEndian.putU32(memory, at + 16, INFINITE);
        BigEndian.putU32(memory, at + 20, INFINITE);
        length += Dhcpv6Options.HEADER + IA_SIZE;
    }

    private void putClientId(MemorySegment from) {
        MemorySegment.copy(from, request.clientIdAt(), memory, start + length,
                request.clientIdSize());
        length += request.clientIdSize();
    }

    private void putFullName() {
        long at = start + length;
        at += Dhcpv6Options.putHeader(memory, at, Dhcpv6Options.FQDN, 1 + fullName.length);
        BigEndian.putU8(memory, at,
                request.wantsServerUpdates() ? Dhcpv6Options.FQDN_OVERRIDE : 0);
        MemorySegment.copy(fullName, 0, memory, ValueLayout.JAVA_BYTE, at + 1, fullName.length);
        length += Dhcpv6Options.HEADER + 1 + fullName.length;
    }

    private void send(IpPacket packet) {
        IpAddress our = addresses.v6().ourTapAddress();
        out.addresses(our.high(), our.low(), packet.sourceHigh(), packet.sourceLow())
                .sendUdp(Dhcpv6Message.SERVER_PORT, Dhcpv6Message.CLIENT_PORT, length,
                        request.transaction() & FLOW_LABEL_MASK, Counter.DHCPV6_REPLIES);
    }

    private void logRefusal(long nowNs) {
        if (answers.permits(nowNs)) {
            log.info("DHCPv6: received " + name() + ", sending NotOnLink: "
                    + request.foreignAddress() + " is not " + addresses.v6().address());
        }
    }

    private String grantText(int type) {
        return "DHCPv6: received " + name() + ", sending "
                + (type == Dhcpv6Message.ADVERTISE ? "ADVERTISE" : "REPLY");
    }

    private String name() {
        return switch (request.type()) {
            case Dhcpv6Message.SOLICIT -> "SOLICIT";
            case Dhcpv6Message.REQUEST -> "REQUEST";
            case Dhcpv6Message.CONFIRM -> "CONFIRM";
            case Dhcpv6Message.RENEW -> "RENEW";
            case Dhcpv6Message.REBIND -> "REBIND";
            default -> "INFORMATION-REQUEST";
        };
    }
}
