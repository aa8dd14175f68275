// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** The version of the program, the same as in the Maven build (a test compares them). */
public final class Version {
    public static final String NUMBER = "0.1.0";

    private Version() {
    }
}
