// SPDX-License-Identifier: Apache-2.0
/**
 * Listening sockets: one for each port of each forwarding rule, on the host and in the namespace,
 * and the look at which ports are bound on the other side.
 */
package jpasst.listen;
