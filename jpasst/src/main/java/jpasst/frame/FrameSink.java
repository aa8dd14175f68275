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
}
