// SPDX-License-Identifier: Apache-2.0
/**
 * TCP connections from socket to socket, between host and namespace, by splice(2) through pipes.
 */
package jpasst.splice;
