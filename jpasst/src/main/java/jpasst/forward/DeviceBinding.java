// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.linux.Files;
import jpasst.linux.Sockets;

/**
 * Whether this process may bind sockets to an interface: since Linux 5.7 anybody may, before it
 * took CAP_NET_RAW (SO_BINDTODEVICE, socket(7)).
 */
public final class DeviceBinding {
    private static final String ANY_INTERFACE = "lo";

    private DeviceBinding() {}

    /** Tries it with a socket of the calling thread's network namespace. */
    public static boolean isAllowed() {
        int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return false;
        }
        int rc = Sockets.setString(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE, ANY_INTERFACE);
        Files.close(fd);
        return rc == 0;
    }
}
