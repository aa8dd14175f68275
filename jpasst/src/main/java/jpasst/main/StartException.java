// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

/** The system refused something without which there is no network. The message is one line. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartException(String message) {
        super(message, null, false, false);
    }
}
