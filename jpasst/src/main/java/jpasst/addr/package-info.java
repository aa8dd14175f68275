// SPDX-License-Identifier: Apache-2.0

/**
 * Addresses as values: IP addresses of both families in one form, MAC addresses, prefixes.
 *
 * <h2>One form for both families</h2>
 * An IP address is always the 16 bytes of an IPv6 address in network order, read as two longs:
 * {@code high} (bytes 0 to 7) and {@code low} (bytes 8 to 15). An IPv4 address is the IPv4-mapped
 * address of RFC 4291 section 2.5.5.2: {@code high} is 0 and {@code low} is
 * {@code 0x0000ffff_00000000 | bits}. Comparing two addresses is therefore two comparisons of
 * longs, and a table keyed by addresses needs no notion of families.
 * A MAC address is the low 48 bits of one long, read in network order.
 *
 * <h2>Invariant</h2>
 * A mapped address <em>is</em> IPv4: nothing above this package may take one from the IPv6 header
 * of a packet. {@code jpasst.wire.IpPacket} refuses such packets, which is what makes the single
 * form safe.
 *
 * <h2>Hot and cold</h2>
 * {@link jpasst.addr.Ip} holds the predicates over {@code (high, low)} for per-packet code: static,
 * free of allocation. {@link jpasst.addr.IpAddress}, {@link jpasst.addr.MacAddress} and
 * {@link jpasst.addr.Prefix} are records for configuration and for logs; they parse and print
 * numeric text only and never ask a name service. Nothing here has state, so everything may be
 * used from any thread.
 *
 * <p>Start reading at {@link jpasst.addr.Ip}.
 */
package jpasst.addr;
