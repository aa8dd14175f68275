// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.lang.foreign.ValueLayout;

import jpasst.frame.Frame;

/**
 * A copy of a frame sent to a fake tap, with the facts it had. Offsets count from the frame's
 * first byte.
 */
public record RecordedFrame(byte[] bytes, boolean needsChecksum, int checksumStart,
        int checksumOffset, int gsoType, int gsoSize) {
    /** Copies what a sink was given. */
    static RecordedFrame of(Frame frame) {
        var bytes = frame.memory().asSlice(frame.at(), frame.length())
                .toArray(ValueLayout.JAVA_BYTE);
        return new RecordedFrame(bytes, frame.needsChecksum(), frame.checksumStart(),
                frame.checksumOffset(), frame.gsoType(), frame.gsoSize());
    }

    /** The bytes with the checksum filled in, as the receiver's kernel would see them. */
    public byte[] completed() {
        var out = bytes.clone();
        if (needsChecksum) {
            int length = out.length - checksumStart;
            int sum = ~FrameBuilder.sum(out, checksumStart, length, 0) & 0xffff;
            int at = checksumStart + checksumOffset;
            out[at] = (byte) (sum >> 8);
            out[at + 1] = (byte) sum;
        }
        return out;
    }
}
