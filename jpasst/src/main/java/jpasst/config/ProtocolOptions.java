// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * Which protocols are handled; the guest's packets of the others are dropped silently.
 *
 * @param tcp false with {@code --no-tcp}
 * @param udp false with {@code --no-udp}
 * @param icmp false with {@code --no-icmp}, which ends neighbour discovery as well
 */
public record ProtocolOptions(boolean tcp, boolean udp, boolean icmp) {
}
