// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.udp;

import java.util.Arrays;

import jpasst.testing.FakeTap;

/** The datagrams the guest would get out of frames, super-frames cut up. */
final class Reassembly {
    private final FakeTap tap;
    private byte[] rest;
    private int at;
    private int each;

    Reassembly(FakeTap tap) {
        this.tap = tap;
    }

    byte[] next() {
        if (rest == null) {
            var frame = tap.take();
            assertFrame(frame, ip(udp()));
            boolean v4 = frame.bytes()[12] == 8;
            rest = Arrays.copyOfRange(frame.bytes(), v4 ? 42 : 62, frame.bytes().length);
            at = 0;
            each = frame.gsoSize() > 0 ? frame.gsoSize() : rest.length;
        }
        int end = Math.min(at + each, rest.length);
        var piece = Arrays.copyOfRange(rest, at, end);
        at = end;
        if (at == rest.length) {
            rest = null;
        }
        return piece;
    }
}
