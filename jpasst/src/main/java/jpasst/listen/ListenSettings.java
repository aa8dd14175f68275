// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

/**
 * What listening sockets are like.
 *
 * @param freebind whether they may listen on addresses that no interface has (yet), ip(7)
 */
public record ListenSettings(boolean freebind) {
}
