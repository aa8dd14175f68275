// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;

/**
 * A whole valid command line.
 *
 * @param mode which program runs
 * @param addresses for {@link NetworkPlan}
 * @param namespace which namespace is connected, and how
 * @param guest how a virtual machine is reached, in passt
 * @param protocols which protocols are handled
 * @param forwarding which ports are forwarded, for {@link ForwardingPlan}
 * @param services what the guest may ask of its link
 * @param log how much is logged
 * @param process how the process runs
 * @param captureFile path for the capture of frames, or null
 * @param warnings one line each, to be logged as warnings once logging is set up
 */
public record Settings(Mode mode, AddressOptions addresses, NamespaceOptions namespace,
        GuestOptions guest, ProtocolOptions protocols, ForwardingOptions forwarding,
        ServiceOptions services, LogOptions log, ProcessOptions process, String captureFile,
        List<String> warnings) {
}
