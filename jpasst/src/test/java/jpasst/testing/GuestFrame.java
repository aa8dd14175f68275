// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.frame.Frame;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;

/**
 * A frame as the tap's input hands it on: bytes in off-heap memory, and the IP packet in it taken
 * apart. Each {@link #load} uses memory of its own, so that a batch of them stays valid.
 */
public final class GuestFrame {
    private final Arena arena = Arena.ofAuto();
    private final Frame frame = new Frame();
    private final IpPacket packet = new IpPacket();

    /** Holds these bytes from now on, without offload facts. */
    public GuestFrame load(byte[] bytes) {
        MemorySegment memory = arena.allocate(Frame.HEADROOM + bytes.length, 8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, Frame.HEADROOM, bytes.length);
        frame.wrap(memory, Frame.HEADROOM, bytes.length);
        return this;
    }

    /** Parses the packet; tells whether it is one that may be handed on. */
    public boolean parse() {
        if (frame.length() < EthernetHeader.LENGTH) {
            return false;
        }
        int type = new EthernetHeader().wrap(frame.memory(), frame.at()).type();
        return packet.parse(frame.memory(), frame.at() + EthernetHeader.LENGTH,
                frame.length() - EthernetHeader.LENGTH, type);
    }

    /** The frame. */
    public Frame frame() {
        return frame;
    }

    /** The packet, valid after {@link #parse} said so. */
    public IpPacket packet() {
        return packet;
    }
}
