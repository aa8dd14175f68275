// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

/**
 * What the program still has to be able to do.
 *
 * @param namespace whether it reaches into a network namespace (pasta): splices, and may bind low
 *        ports there
 * @param command whether it waits for a command, and shares a terminal with it
 * @param watchedDirectory descriptor of a directory in which it looks for one file's existence, or
 *        -1 if there is none
 * @param chrootFallback whether to change the root directory in the second best way where the
 *        kernel cannot do it in the best
 */
public record IsolationSettings(boolean namespace, boolean command, int watchedDirectory,
        boolean chrootFallback) {
}
