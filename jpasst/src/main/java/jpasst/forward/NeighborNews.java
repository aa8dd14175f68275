// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/** Who keeps {@link Neighbors} up to date, and may have news waiting. Loop thread only. */
public interface NeighborNews {
    /** Enters what is known by now, as far as that is a bounded amount of work; never waits. */
    void enterNews();
}
