// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;

import jpasst.frame.Frame;
import jpasst.tap.GuestLink;

/** A tap that keeps a copy of what it is sent, can be told to refuse, and else takes everything. */
public final class FakeTap implements GuestLink {
    /** The longest header a transport writes in front of a frame: virtio's, mergeable. */
    private static final int TRANSPORT_HEADER = 12;

    private final Deque<RecordedFrame> frames = new ArrayDeque<>();
    private boolean recording = true;
    private boolean refusing;
    private int room = Integer.MAX_VALUE;
    private long taken;

    @Override
    public boolean send(Frame frame) {
        if (!hasRoom()) {
            return false;
        }
        room--;
        assertTrue(frame.at() >= TRANSPORT_HEADER, "no room in front of the frame");
        taken++;
        if (recording) {
            frames.add(RecordedFrame.of(frame));
        }
        return true;
    }

    @Override
    public boolean takesPartialChecksums() {
        return true;
    }

    @Override
    public boolean takesUdpSegments() {
        return true;
    }

    @Override
    public boolean hasRoom() {
        return !refusing && room > 0;
    }

    @Override
    public void flush() {
    }

    /** Refuses all frames from now on, or takes them again. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Takes so many more frames, then refuses. */
    public void room(int frames) {
        room = frames;
    }

    /** Only counts from now on, which allocates nothing. */
    public void countOnly() {
        recording = false;
    }

    /** How many frames were taken in all. */
    public long taken() {
        return taken;
    }

    /** How many recorded frames wait. */
    public int waiting() {
        return frames.size();
    }

    /** The oldest recorded frame, which must be there. */
    public RecordedFrame take() {
        var frame = frames.poll();
        assertNotNull(frame, "no frame to the guest");
        return frame;
    }

    /** Nothing was sent that was not taken. */
    public void assertSilent() {
        assertTrue(frames.isEmpty(), "unexpected frames: " + frames.size());
    }
}
