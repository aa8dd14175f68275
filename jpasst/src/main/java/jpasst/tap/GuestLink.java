// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import jpasst.frame.FrameSink;

/** The way to the guest, whatever it is made of. Loop thread only. */
public interface GuestLink extends FrameSink {
    /** Whether frames with an incomplete checksum can be sent. */
    boolean takesPartialChecksums();

    /** Whether datagrams of UDP can be sent many in one frame. */
    boolean takesUdpSegments();

    /**
     * Whether it is any use to offer data now. A link that has no room gets it without being
     * offered anything, when the guest reads, which brings the loop round.
     */
    boolean hasRoom();

    /** Sends what was gathered for the sake of fewer system calls; ends each round of the loop. */
    void flush();
}
