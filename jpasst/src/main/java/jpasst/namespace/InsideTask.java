// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

/**
 * Work for the inside thread.
 *
 * @param <T> the result
 * @param <E> what it may throw besides unchecked exceptions
 */
@FunctionalInterface
public interface InsideTask<T, E extends Exception> {
    /** Does the work, on the inside thread. */
    T run() throws E;
}
