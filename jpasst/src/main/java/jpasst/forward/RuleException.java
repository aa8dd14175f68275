// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/**
 * A port specifier that cannot be read, or a rule that cannot be added. The message is one line
 * for the user. There is no stack trace: it would say nothing about the user's mistake.
 */
public final class RuleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RuleException(String message) {
        super(message, null, false, false);
    }
}
