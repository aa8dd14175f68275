// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** What a shell can offer for the value of an option. */
enum ValueKind {
    /** The option takes no value. */
    NONE,
    /** A value nobody can guess. */
    FREE,
    /** {@code none}, or a value nobody can guess. */
    OPTIONAL,
    /** A path. */
    FILE,
    /** A path, or the name of a file in {@code /run/netns}. */
    NAMESPACE,
    /** An interface of the host. */
    INTERFACE,
    /** A user, perhaps a colon and a group. */
    USER,
    /** {@code none}, {@code auto}, {@code all}, or ports. */
    PORTS;

    /** The kind of an option's value, as its placeholder says it. */
    static ValueKind of(Option option) {
        if (!option.takesValue()) {
            return NONE;
        }
        return switch (option.placeholder()) {
            case "FILE", "PATH" -> FILE;
            case "PATH|NAME" -> NAMESPACE;
            case "INTERFACE" -> INTERFACE;
            case "USER[:GROUP]" -> USER;
            case "SPEC" -> PORTS;
            default -> option.placeholder().endsWith("|none") ? OPTIONAL : FREE;
        };
    }
}
