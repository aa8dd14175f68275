// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.linux.Tun;
import jpasst.metrics.Counters;
import jpasst.namespace.InsideTask;
import jpasst.tap.TapDevice;

/**
 * Makes the tap device; on the inside thread.
 *
 * @param name of the interface
 * @param counters what the device counts in
 */
record OpenTap(String name, Counters counters) implements InsideTask<TapDevice, StartException> {
    @Override
    public TapDevice run() {
        try {
            return TapDevice.open(name, TapDevice.allOffloads(), counters);
        } catch (LinuxException e) {
            throw new StartException(e.getMessage() + remedy(e.errno()));
        }
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.EACCES -> ": this user may not use it; as root: chmod 0666 " + Tun.DEVICE;
            case Errno.ENOENT, Errno.ENODEV -> ": is the kernel module tun loaded?";
            case Errno.EBUSY, Errno.EINVAL -> ": the namespace has an interface of that name;"
                    + " choose another with --ns-ifname";
            default -> "";
        };
    }
}
