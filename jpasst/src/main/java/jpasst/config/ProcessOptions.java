// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * How the process runs. The launcher acts on the first and the third; it opens the PID file, too,
 * if only root may.
 *
 * @param foreground whether the process stays attached to the terminal
 * @param pidFile path for the process ID, or null
 * @param runAs {@code USER} or {@code USER:GROUP} as given, or null
 * @param chrootFallback whether chroot(2) may stand in where pivot_root(2) fails
 */
public record ProcessOptions(boolean foreground, String pidFile, String runAs,
        boolean chrootFallback) {
}
