// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.frame.Frame;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.InterfaceRequest;
import jpasst.linux.Tun;
import jpasst.linux.VirtioNetHeader;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * A tap device (Documentation/networking/tuntap.rst), as the place where frames for the guest go.
 * Made in the guest's network namespace by a thread that is in it; used by the loop thread.
 */
public final class TapDevice implements GuestLink, AutoCloseable {
    private static final int TSO = Tun.TUN_F_CSUM | Tun.TUN_F_TSO4 | Tun.TUN_F_TSO6;
    private static final int USO = Tun.TUN_F_USO4 | Tun.TUN_F_USO6;

    private final int fd;
    private final String name;
    private final boolean header;
    private final int offloads;
    private final Counters counters;

    private TapDevice(int fd, String name, boolean header, int offloads, Counters counters) {
        this.fd = fd;
        this.name = name;
        this.header = header;
        this.offloads = offloads;
        this.counters = counters;
    }

    /**
     * Makes the interface in the network namespace of the calling thread, with all offloads that
     * the kernel has.
     *
     * @param name of the interface, 1 to 15 bytes
     * @param wanted offloads to ask for, {@code TUN_F_*}; {@link #allOffloads} or 0
     * @throws jpasst.linux.LinuxException if there is no device, no permission, or the name is
     *     taken
     */
    public static TapDevice open(String name, int wanted, Counters counters) {
        int fd = Errno.check("open " + Tun.DEVICE, Files.open(Tun.DEVICE,
                Files.O_RDWR | Files.O_NONBLOCK | Files.O_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            int features = Math.max(0, Tun.features(fd));
            boolean header = wanted != 0 && (features & Tun.IFF_VNET_HDR) != 0;
            int flags = Tun.IFF_TAP | Tun.IFF_NO_PI | (header ? Tun.IFF_VNET_HDR : 0);
            MemorySegment request = InterfaceRequest.allocate(arena);
            Errno.check("make tap interface " + name, Tun.create(fd, request, name, flags));
            int offloads = header ? offer(fd, wanted) : 0;
            return new TapDevice(fd, InterfaceRequest.name(request), header, offloads, counters);
        } catch (RuntimeException e) {
            Files.close(fd);
            throw e;
        }
    }

    /** Every offload we can make use of, {@code TUN_F_*}. */
    public static int allOffloads() {
        return TSO | USO;
    }

    /** Offers the kernel to take super-frames; returns what it agreed to. */
    private static int offer(int fd, int wanted) {
        int[] offers = {wanted & (TSO | USO), wanted & TSO, wanted & Tun.TUN_F_CSUM};
        for (int offer : offers) {
            if (Tun.setOffload(fd, offer) == 0) return offer;
        }
        return 0;
    }

    /** The descriptor, for reading. */
    public int fd() {
        return fd;
    }

    /** The interface's name in its namespace. */
    public String name() {
        return name;
    }

    /** Bytes of {@code struct virtio_net_hdr} before each frame: 10, or 0 if there is none. */
    public int headerLength() {
        return header ? VirtioNetHeader.LENGTH : 0;
    }

    @Override
    public boolean takesPartialChecksums() {
        // A header is all it takes: what was offered concerns the other direction.
        return header;
    }

    @Override
    public boolean takesUdpSegments() {
        return (offloads & USO) == USO;
    }

    /** The offloads in force, for a message. */
    public String offloadNames() {
        if (!header) return "none";
        var names = new StringBuilder("header");
        if ((offloads & Tun.TUN_F_CSUM) != 0) names.append(", checksum");
        if ((offloads & Tun.TUN_F_TSO4) != 0) names.append(", TSO4");
        if ((offloads & Tun.TUN_F_TSO6) != 0) names.append(", TSO6");
        if ((offloads & USO) != 0) names.append(", USO");
        return names.toString();
    }

    /**
     * Writes a frame. One for which the interface has no room or which it is too far down to take
     * is lost, as on any link, and counts as taken: nobody would tell when to try again.
     */
    @Override
    public boolean send(Frame frame) {
        long at = frame.at() - headerLength();
        if (header) putHeader(frame, at);
        long length = frame.length() + headerLength();
        long rc = Files.write(fd, frame.memory(), at, length);
        if (rc == length) {
            counters.increment(Counter.FRAMES_TO_TAP);
            counters.add(Counter.BYTES_TO_TAP, frame.length());
        } else {
            counters.increment(Counter.DROP_TAP_REFUSED);
        }
        return true;
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    /** Nothing is gathered: each frame is written at once. */
    @Override
    public void flush() {
    }

    private static void putHeader(Frame frame, long at) {
        if (!frame.needsChecksum()) {
            VirtioNetHeader.clear(frame.memory(), at);
            return;
        }
        VirtioNetHeader.put(frame.memory(), at, VirtioNetHeader.NEEDS_CHECKSUM, frame.gsoType(),
                frame.headerLength(), frame.gsoSize(), frame.checksumStart(),
                frame.checksumOffset());
    }

    @Override
    public void close() {
        Files.close(fd);
    }
}
