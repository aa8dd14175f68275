// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

/** An interface named on the command line does not exist or cannot serve; the message says so. */
public final class UnusableInterfaceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnusableInterfaceException(String message) {
        super(message);
    }
}
