// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** A section of the help text. */
enum OptionGroup {
    GENERAL("General"),
    PROCESS("Process"),
    NAMESPACE("Namespace"),
    ADDRESSING("Addresses"),
    TRANSLATION("Address translation"),
    OUTBOUND("Outbound sockets"),
    PROTOCOLS("Protocols"),
    FORWARDING("Port forwarding"),
    SERVICES("Services for the guest"),
    GUEST("Virtual machines (passt)");

    private final String title;

    OptionGroup(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
