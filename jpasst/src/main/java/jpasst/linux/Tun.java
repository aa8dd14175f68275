// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;

/** The tun/tap driver: linux/if_tun.h. Requests and flags; {@link #create} joins them. */
public final class Tun {
    public static final String DEVICE = "/dev/net/tun";

    // Requests of ioctl(2).
    public static final int TUNSETIFF = 0x400454ca;
    public static final int TUNSETPERSIST = 0x400454cb;
    public static final int TUNGETFEATURES = 0x800454cf;
    public static final int TUNSETOFFLOAD = 0x400454d0;
    public static final int TUNGETIFF = 0x800454d2;
    public static final int TUNSETSNDBUF = 0x400454d4;
    public static final int TUNGETVNETHDRSZ = 0x800454d7;
    public static final int TUNSETVNETHDRSZ = 0x400454d8;
    public static final int TUNSETQUEUE = 0x400454d9;

    // Flags of the interface request; TUNGETFEATURES tells which are known.
    public static final int IFF_TUN = 0x0001;
    public static final int IFF_TAP = 0x0002;
    public static final int IFF_NAPI = 0x0010;
    public static final int IFF_MULTI_QUEUE = 0x0100;
    public static final int IFF_NO_PI = 0x1000;
    public static final int IFF_VNET_HDR = 0x4000;

    // What we are able to take from the driver, for TUNSETOFFLOAD.
    public static final int TUN_F_CSUM = 0x01;
    public static final int TUN_F_TSO4 = 0x02;
    public static final int TUN_F_TSO6 = 0x04;
    public static final int TUN_F_TSO_ECN = 0x08;
    public static final int TUN_F_UFO = 0x10;
    /** UDP segmentation offload, Linux 6.2; both or none. */
    public static final int TUN_F_USO4 = 0x20;
    public static final int TUN_F_USO6 = 0x40;

    private Tun() {
    }

    /** Flags the driver knows (IFF_*), or -errno. */
    public static int features(int fd) {
        return Files.ioctlInt(fd, TUNGETFEATURES, 0);
    }

    /**
     * Makes this open {@link #DEVICE} an interface of the calling thread's network namespace.
     *
     * @param request an {@link InterfaceRequest}: on return its name is the interface's
     * @param name wanted, "%d" in it stands for the first free number
     * @param flags IFF_TAP, IFF_NO_PI and so on
     */
    public static int create(int fd, MemorySegment request, String name, int flags) {
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, flags);
        return Files.ioctl(fd, TUNSETIFF, request, 0);
    }

    /** Tells the driver which offloads we take (TUN_F_*): 0, or -EINVAL if one is unknown. */
    public static int setOffload(int fd, int offloads) {
        return Files.ioctl(fd, TUNSETOFFLOAD, offloads);
    }

    /** Sets the length of the header before each frame, {@link VirtioNetHeader#LENGTH} or 12. */
    public static int setHeaderLength(int fd, int length) {
        int rc = Files.ioctlInt(fd, TUNSETVNETHDRSZ, length);
        return Math.min(rc, 0);
    }
}
