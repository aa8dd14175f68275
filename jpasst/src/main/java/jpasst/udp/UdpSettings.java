// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

/**
 * What users can choose about UDP.
 *
 * @param timeouts how long flows may be silent
 * @param freebind whether flows may have addresses on our side which the host does not have
 *     ({@code --freebind})
 */
public record UdpSettings(UdpTimeouts timeouts, boolean freebind) {
}
