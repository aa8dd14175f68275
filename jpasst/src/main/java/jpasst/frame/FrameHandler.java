// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

/** Takes the frames which a guest sends, in batches. Loop thread only. */
public interface FrameHandler {
    /**
     * Takes one frame. The object is used again for the next one; the bytes stay as they are until
     * {@link #endBatch} has returned.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     */
    void frame(Frame frame, long nowNs);

    /** Ends the batch: what was put off until all its frames were seen is done now. */
    void endBatch(long nowNs);
}
