// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.linux.Mounts;

/**
 * An empty directory, which cannot be written, in the place of the whole file system.
 *
 * <p>It is mounted on a directory that is there for sure, and then changes places with the root.
 * All threads of the calling thread's mount namespace see that, but those with a root directory of
 * their own. What is open stays open, what is mapped stays mapped.
 */
final class EmptyRoot {
    private static final String PLACE = "/proc";
    /** The directory itself and one inode more, which no one can make. */
    private static final String OPTIONS = "nr_inodes=2,nr_blocks=1,mode=0555";

    private EmptyRoot() {
    }

    /**
     * Leaves the file system for ever. The calling thread must be in a mount namespace of our own.
     *
     * @param chrootFallback whether a change by chroot(2), which may leave the old root reachable
     *        to
     *        somebody with capabilities, will do where the kernel cannot change places: if the root
     *        is the initial RAM disk
     * @throws LinuxException if the kernel refuses
     */
    static void enter(boolean chrootFallback) {
        enterDirectory();
        int rc = Mounts.pivotRoot(".", ".");
        if (rc == 0) {
            // Now the old root lies on top of the new one.
            Errno.check("leave the file system", Mounts.umount2(".", Mounts.MNT_DETACH));
        } else if (chrootFallback) {
            coverRoot();
        } else {
            throw new LinuxException("cannot leave the file system by pivot_root"
                    + " (try --chroot-fallback if / is the initial RAM disk)", -rc);
        }
    }

    /** Makes the directory, and has it as working directory. */
    static void enterDirectory() {
        // Nothing that happens to mounts outside reaches us any more, and nothing of us gets out.
        Errno.check("isolate mounts", Mounts.mount("", "/", null,
                Mounts.MS_UNBINDABLE | Mounts.MS_REC, null));
        Errno.check("mount an empty directory", Mounts.mount("none", PLACE, "tmpfs",
                Mounts.MS_RDONLY | Mounts.MS_NODEV | Mounts.MS_NOEXEC | Mounts.MS_NOSUID,
                OPTIONS));
        Errno.check("enter the empty directory", Files.chdir(PLACE));
    }

    /** Puts the working directory on top of the root, and makes it the root of our threads. */
    static void coverRoot() {
        Errno.check("move the empty directory to /",
                Mounts.mount(".", "/", null, Mounts.MS_MOVE, null));
        Errno.check("change the root directory", Mounts.chroot("."));
        Errno.check("change the working directory", Files.chdir("/"));
    }
}
