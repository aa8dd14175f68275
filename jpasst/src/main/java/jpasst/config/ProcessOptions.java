// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * How the process runs. The launcher acts on these; what is left to do is to write the PID file.
 *
 * @param foreground whether the process stays attached to the terminal
 * @param pidFile path for the process ID, or null
 * @param runAs {@code USER} or {@code USER:GROUP} as given, or null
 */
public record ProcessOptions(boolean foreground, String pidFile, String runAs) {
}
