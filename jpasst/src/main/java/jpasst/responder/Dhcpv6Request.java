// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.MemorySegment;
import jpasst.addr.IpAddress;
import jpasst.wire.BigEndian;
import jpasst.wire.Dhcpv6Message;
import jpasst.wire.Dhcpv6Options;

/**
 * What a DHCPv6 message says, found in one pass over its options. Reused; offsets are those of the
 * memory the message lies in. After {@link #parse} returned false nothing else means anything.
 */
final class Dhcpv6Request {
    /** Bytes of a client identifier at most (RFC 8415 section 11.1: 128, and its type). */
    static final int MAXIMUM_CLIENT_ID = 128;
    /** {@link #identifier} if the client gave none. */
    static final int DEFAULT_IDENTIFIER = 1;

    private final byte[] serverId;
    private final Dhcpv6Message message = new Dhcpv6Message();
    private MemorySegment memory;
    private IpAddress assigned;
    private boolean hasServerId;
    private boolean isOurs;
    private boolean hasAssociation;
    private long clientIdAt;
    private int clientIdLength;
    private long associationAt;
    private long foreignAt;
    private long foreignAddressAt;
    private int fqdnFlags;

    /** @param serverId our identifier, without the head of the option */
    Dhcpv6Request(byte[] serverId) {
        this.serverId = serverId;
    }

    /**
     * Takes a message apart.
     *
     * @param assigned the guest's address: others in its associations are foreign
     * @return whether all options are whole and long enough for what is in them
     */
    boolean parse(MemorySegment memory, long at, int length, IpAddress assigned) {
        this.memory = memory;
        this.assigned = assigned;
        hasServerId = false;
        isOurs = false;
        hasAssociation = false;
        clientIdLength = -1;
        associationAt = -1;
        foreignAt = -1;
        fqdnFlags = 0;
        if (!message.wrap(memory, at).isValid(length)) return false;
        int seen = Dhcpv6Message.LENGTH;
        while (seen < length) {
            int size = Dhcpv6Options.size(memory, at + seen, length - seen);
            if (size < 0 || !take(at + seen)) return false;
            seen += size;
        }
        return true;
    }

    /**
     * Takes an option that is whole. Of several client identifiers, and associations to name
     * ours by, the first counts, of other options the last; all addresses are looked at.
     */
    private boolean take(long at) {
        int length = Dhcpv6Options.length(memory, at);
        return switch (Dhcpv6Options.code(memory, at)) {
            case Dhcpv6Options.CLIENT_ID -> takeClientId(at, length);
            case Dhcpv6Options.SERVER_ID -> takeServerId(at, length);
            case Dhcpv6Options.IA_NA -> {
                if (associationAt < 0) associationAt = at;
                yield takeAssociation(at, length, Dhcpv6Options.IA_NA_HEAD);
            }
            case Dhcpv6Options.IA_TA -> takeAssociation(at, length, Dhcpv6Options.IA_TA_HEAD);
            case Dhcpv6Options.FQDN -> {
                if (length > 0) {
                    fqdnFlags = BigEndian.u8(memory, at + Dhcpv6Options.HEADER);
                }
                yield length > 0;
            }
            default -> true;
        };
    }

    private boolean takeClientId(long at, int length) {
        if (clientIdLength < 0) {
            clientIdAt = at;
            clientIdLength = length;
        }
        return length > 0 && length <= MAXIMUM_CLIENT_ID;
    }

    private boolean takeServerId(long at, int length) {
        hasServerId = true;
        isOurs = length == serverId.length;
        for (int i = 0; isOurs && i < length; i++) {
            isOurs = BigEndian.u8(memory, at + Dhcpv6Options.HEADER + i) == (serverId[i] & 0xff);
        }
        return true;
    }

    private boolean takeAssociation(long at, int length, int head) {
        hasAssociation = true;
        if (length < head) return false;
        long inside = at + Dhcpv6Options.HEADER + head;
        int left = length - head;
        while (left > 0) {
            int size = Dhcpv6Options.size(memory, inside, left);
            if (size < 0 || !takeInside(at, inside)) return false;
            inside += size;
            left -= size;
        }
        return true;
    }

    private boolean takeInside(long associationAt, long at) {
        if (Dhcpv6Options.code(memory, at) != Dhcpv6Options.IA_ADDRESS) return true;
        if (Dhcpv6Options.length(memory, at) < Dhcpv6Options.IA_ADDRESS_HEAD) return false;
        long address = at + Dhcpv6Options.HEADER;
        boolean same = assigned.high() == BigEndian.u64(memory, address)
                && assigned.low() == BigEndian.u64(memory, address + Long.BYTES);
        if (!same && foreignAt < 0) {
            foreignAt = associationAt;
            foreignAddressAt = address;
        }
        return true;
    }

    /** The kind of message. */
    int type() {
        return message.type();
    }

    /** 24 bits that the answer repeats. */
    int transaction() {
        return message.transaction();
    }

    /** Whether the client named a server. */
    boolean hasServerId() {
        return hasServerId;
    }

    /** Whether it named us. */
    boolean namesUs() {
        return isOurs;
    }

    /** Whether there is any association of addresses. */
    boolean hasAssociation() {
        return hasAssociation;
    }

    /** Whether the client said who it is. */
    boolean hasClientId() {
        return clientIdLength >= 0;
    }

    /** Identifier of the first association of addresses that are not temporary. */
    int identifier() {
        return associationAt < 0 ? DEFAULT_IDENTIFIER
                : BigEndian.u32(memory, associationAt + Dhcpv6Options.HEADER);
    }

    /** Whether an association holds an address that is not the guest's. */
    boolean hasForeignAddress() {
        return foreignAt >= 0;
    }

    /** The first such address. */
    IpAddress foreignAddress() {
        return new IpAddress(BigEndian.u64(memory, foreignAddressAt),
                BigEndian.u64(memory, foreignAddressAt + Long.BYTES));
    }

    /** Where the association with that address is. */
    long foreignAt() {
        return foreignAt;
    }

    /** Whether the client wants the server to update its name's addresses (RFC 4704 4.1: S). */
    boolean wantsServerUpdates() {
        return (fqdnFlags & Dhcpv6Options.FQDN_SERVER_UPDATES) != 0;
    }

    /** Where the client's identifier is, head of the option included. */
    long clientIdAt() {
        return clientIdAt;
    }

    /** Bytes of it, head included. */
    int clientIdSize() {
        return Dhcpv6Options.HEADER + clientIdLength;
    }
}
