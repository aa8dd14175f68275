// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jpasst.addr.IpAddress;
import jpasst.addr.Prefix;
import jpasst.forward.FamilyAddresses;
import jpasst.wire.BigEndian;
import jpasst.wire.DhcpOptions;
import jpasst.wire.SearchList;

/**
 * The options of DHCP replies, made once, and their order in one reply: those the client listed in
 * the order of its list, with the message type in front unless listed, then all others by
 * ascending code. What does not fit is left out, but nothing that a lease needs.
 */
final class DhcpOffer {
    /** Bytes for options, the end included: what makes a message of 548 bytes. */
    static final int MAXIMUM_LENGTH = 308;
    /** Bytes of options at least, zeros behind the end: what BOOTP clients expect. */
    static final int MINIMUM_LENGTH = 60;

    private static final byte[] INFINITE = {-1, -1, -1, -1};
    private static final byte[] EMPTY = {};
    /**
     * What a lease needs (RFC 2131 section 4.3.1, table 3) and its routes: never left out for the
     * sake of names.
     */
    private static final int[] NEEDED = {DhcpOptions.MESSAGE_TYPE, DhcpOptions.SERVER_ID,
        DhcpOptions.LEASE_TIME, DhcpOptions.SUBNET_MASK, DhcpOptions.ROUTER,
        DhcpOptions.CLASSLESS_ROUTES};
    /** The name in wire form (E), and "no response code", twice (RFC 4702 section 2). */
    private static final int FQDN_HEAD = 3;
    private static final int FQDN_ENCODING = 0x04;

    /** By code; null for what is not offered. */
    private final byte[][] contents = new byte[DhcpOptions.END][];
    private final byte[] type = new byte[1];
    private final boolean[] written = new boolean[DhcpOptions.END];
    private long at;
    private int length;
    private int leftOut;

    DhcpOffer(FamilyAddresses v4, ServiceSettings settings) {
        var prefix = new Prefix(v4.address(), v4.prefixLength());
        contents[DhcpOptions.SUBNET_MASK] = bytes(prefix.maskV4());
        contents[DhcpOptions.ROUTER] = bytes(v4.guestGateway().v4());
        contents[DhcpOptions.LEASE_TIME] = INFINITE;
        contents[DhcpOptions.MESSAGE_TYPE] = type;
        contents[DhcpOptions.SERVER_ID] = bytes(v4.ourTapAddress().v4());
        if (!prefix.contains(v4.guestGateway())) {
            contents[DhcpOptions.CLASSLESS_ROUTES] = routes(v4.guestGateway());
        }
        if (settings.mtu() != 0) {
            contents[DhcpOptions.MTU] =
                    new byte[] {(byte) (settings.mtu() >> 8), (byte) settings.mtu()};
        }
        names(settings);
    }

    private void names(ServiceSettings settings) {
        if (!settings.resolversV4().isEmpty()) {
            var addresses = new byte[4 * settings.resolversV4().size()];
            for (int i = 0; i < settings.resolversV4().size(); i++) {
                System.arraycopy(bytes(settings.resolversV4().get(i).v4()), 0, addresses, 4 * i, 4);
            }
            contents[DhcpOptions.DNS] = addresses;
        }
        if (settings.hostName() != null) {
            contents[DhcpOptions.HOST_NAME] =
                    settings.hostName().getBytes(StandardCharsets.US_ASCII);
        }
        if (!settings.search().isEmpty()) {
            contents[DhcpOptions.SEARCH] =
                    SearchList.compressed(settings.search(), DhcpOptions.MAXIMUM_CONTENT);
        }
        // The longest names leave no room for the option's own head.
        if (settings.fullName() != null
                && settings.fullName().length() <= DhcpOptions.MAXIMUM_CONTENT - FQDN_HEAD) {
            contents[DhcpOptions.FQDN] = fullName(settings.fullName().toBytes());
        }
    }

    private static byte[] fullName(byte[] name) {
        var content = new byte[FQDN_HEAD + name.length];
        content[0] = FQDN_ENCODING;
        content[1] = -1;
        content[2] = -1;
        System.arraycopy(name, 0, content, FQDN_HEAD, name.length);
        return content;
    }

    /** The gateway itself on the link, then everything by way of it (RFC 3442). */
    private static byte[] routes(IpAddress gateway) {
        var content = new byte[14];
        var address = bytes(gateway.v4());
        content[0] = 32;
        System.arraycopy(address, 0, content, 1, 4);
        System.arraycopy(address, 0, content, 10, 4);
        return content;
    }

    private static byte[] bytes(int word) {
        return new byte[] {(byte) (word >> 24), (byte) (word >> 16), (byte) (word >> 8),
            (byte) word};
    }

    /**
     * Writes all options of one reply, with end and padding. What is asked for lies elsewhere.
     *
     * @param messageType of the reply
     * @param rapid whether the client is to be told that it need not ask again
     * @param asked where the client's list of options is
     * @param askedLength bytes of it, -1 if it sent none
     * @return bytes written
     */
    int write(MemorySegment memory, long start, int messageType, boolean rapid,
            MemorySegment request, long asked, int askedLength) {
        type[0] = (byte) messageType;
        contents[DhcpOptions.RAPID_COMMIT] = rapid ? EMPTY : null;
        Arrays.fill(written, false);
        at = start;
        length = 0;
        leftOut = 0;
        if (askedLength >= 0) {
            listed(memory, request, asked, askedLength);
        }
        for (int code = 1; code < contents.length; code++) {
            put(memory, code);
        }
        BigEndian.putU8(memory, at + length++, DhcpOptions.END);
        while (length < MINIMUM_LENGTH) {
            BigEndian.putU8(memory, at + length++, DhcpOptions.PAD);
        }
        return length;
    }

    private void listed(MemorySegment memory, MemorySegment request, long asked, int count) {
        boolean typeListed = false;
        for (int i = 0; i < count; i++) {
            typeListed |= BigEndian.u8(request, asked + i) == DhcpOptions.MESSAGE_TYPE;
        }
        if (!typeListed) {
            put(memory, DhcpOptions.MESSAGE_TYPE);
        }
        for (int i = 0; i < count; i++) {
            put(memory, BigEndian.u8(request, asked + i));
        }
    }

    private void put(MemorySegment memory, int code) {
        if (code == DhcpOptions.END || contents[code] == null || written[code]) {
            return;
        }
        written[code] = true;
        if (length + size(code) + stillNeeded() >= MAXIMUM_LENGTH) {
            leftOut++;
        } else {
            length += DhcpOptions.put(memory, at + length, code, contents[code]);
        }
    }

    /** Bytes of an option that is offered. */
    private int size(int code) {
        return 2 + contents[code].length;
    }

    /** Bytes to be kept for options that follow. */
    private int stillNeeded() {
        int bytes = 0;
        for (int code : NEEDED) {
            if (contents[code] != null && !written[code]) {
                bytes += size(code);
            }
        }
        return bytes;
    }

    /** How many options did not fit into the last reply. */
    int leftOut() {
        return leftOut;
    }
}
