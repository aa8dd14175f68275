// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * How much is logged.
 *
 * @param debug debug messages, to standard error only, with time stamps
 * @param trace a message per packet as well; only with {@code debug}
 * @param quiet warnings and errors only, no banner: asked for, or since a command or shell
 *        runs on the same terminal; never with {@code debug}
 */
public record LogOptions(boolean debug, boolean trace, boolean quiet) {
}
