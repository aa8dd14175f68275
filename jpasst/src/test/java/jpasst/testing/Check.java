// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

/** Something which must hold for a layer of a frame; throws {@link AssertionError} if not. */
@FunctionalInterface
public interface Check {
    /** Checks one layer, or what is inside it. */
    void verify(Layer layer);
}
