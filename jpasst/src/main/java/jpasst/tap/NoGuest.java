// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import jpasst.frame.Frame;

/** A link that leads nowhere, where sockets alone are connected ({@code --splice-only}). */
public final class NoGuest implements GuestLink {
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
        return true;
    }

    @Override
    public boolean send(Frame frame) {
        return true;
    }

    @Override
    public void flush() {
    }
}
