// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;
import jpasst.forward.SplicePolicy;

/**
 * Which ports are forwarded, and by which way; {@link ForwardingPlan} makes rules of it.
 *
 * @param ports in the order of the command line
 * @param automatic what happens to the protocols and directions of which {@code ports} says
 *        nothing: ports follow those of the other side (pasta), or none is forwarded (passt)
 * @param freebind whether sockets may listen on addresses that are not there (IP_FREEBIND)
 * @param splice what goes past the tap
 */
public record ForwardingOptions(List<PortOption> ports, boolean automatic, boolean freebind,
        SplicePolicy splice) {
}
