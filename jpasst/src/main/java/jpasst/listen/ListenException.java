// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

/** A port that was asked for cannot be had. The message is complete, for the user. */
public final class ListenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ListenException(String message) {
        super(message);
    }
}
