// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/** Is told of exceptions that a handler let out: a bug, which costs one event, not the loop. */
public interface HandlerFailure {
    /**
     * Reports; must not throw, and must limit its rate, since a guest may repeat the cause.
     *
     * @param type whose handler it was, {@code null} for the work after the batch
     */
    void report(EventType type, Throwable cause);
}
