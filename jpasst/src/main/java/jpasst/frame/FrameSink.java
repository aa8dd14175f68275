// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

/** Where frames to the guest go: a tap, or something round one. Loop thread only. */
public interface FrameSink {
    /**
     * Takes the whole frame now, or refuses it. If taken, it has been copied or sent before the
     * method returns and the caller may reuse frame and memory; taking does not mean that it
     * arrives. If refused, nothing has been sent and the caller may try again later with the same
     * frame. In both cases the sink may have completed the frame's checksum in place, and then has
     * cleared the fact that it was needed.
     *
     * @return whether the frame was taken
     */
    boolean send(Frame frame);

    /**
     * Whether a run of frames would be taken now as a whole, so that none is lost in its middle.
     * Of one that can never fit the sink says yes as soon as it cannot have more room.
     *
     * @param count how many frames
     * @param bytes of all of them together
     */
    default boolean takesRun(int count, int bytes) {
        return true;
    }

    /**
     * Lends the place where the sink would copy the next frame to, for it to be made right there.
     * The place is good until any frame is sent; the one made there is not copied then.
     *
     * @param frame is from now on {@code length} bytes at that place, and plain, if there is one
     * @param length as long as the frame will be at most
     * @return whether there is such a place; if not, nothing has changed
     */
    default boolean lend(Frame frame, int length) {
        return false;
    }

    /**
     * Lends the places of a run of frames, one behind the other, as {@link #lend} does for one.
     * All must be of the same length but for the last, and be sent in order; places at the end may
     * stay unused. What is made there is taken.
     *
     * @param first is from now on {@code length} bytes at the first place, and plain, if there are
     *     places
     * @param count how many frames
     * @param length of each of them
     * @return bytes from one place to the next; 0 if there are none, and nothing has changed
     */
    default int lendRun(Frame first, int count, int length) {
        return 0;
    }
}
