// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import jpasst.wire.BigEndian;
import jpasst.wire.Checksum;

/** Completes in place the checksum which a frame's facts leave to the link. */
final class PartialChecksum {
    private PartialChecksum() {}

    /**
     * Adds up everything from the transport header on. The field itself holds the pseudo header's
     * sum and takes part. A result of 0 is written as 0xffff, its equal: UDP needs that, and TCP
     * receivers cannot tell. Padding is zeros and does not matter.
     */
    static void complete(Frame frame) {
        int start = frame.checksumStart();
        int sum = Checksum.sum(frame.memory(), frame.at() + start, frame.length() - start, 0);
        BigEndian.putU16(frame.memory(), frame.at() + start + frame.checksumOffset(),
                Checksum.finishUdp(sum));
        frame.completeChecksum();
    }
}
