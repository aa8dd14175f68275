// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Capabilities;
import jpasst.linux.Errno;
import jpasst.linux.Processes;
import jpasst.linux.Seccomp;

/**
 * Shuts the program in, step by step; none can be undone. Begins where everything is open that will
 * ever be needed.
 */
public sealed class Isolation {
    private static final String FILTER = "filter system calls (a kernel without seccomp?)";

    private final IsolationSettings settings;

    /** Does nothing yet. */
    public Isolation(IsolationSettings settings) {
        this.settings = settings;
    }

    /** Of nothing, against nobody: each step leaves all as it is. For trusted traffic alone. */
    public static Isolation none() {
        return new None();
    }

    /**
     * Gives up on the calling thread the right to configure networks. The kernel asks who opened a
     * netlink socket as well as who sends by it: by those that this thread opens from now on,
     * nobody can change the host's network, whatever capabilities other threads have there.
     *
     * @throws jpasst.linux.LinuxException if the kernel refuses
     */
    public static void leaveNetworkAlone() {
        Privileges.drop(Capabilities.CAP_NET_ADMIN);
    }

    /**
     * Leaves the file system, in the mount namespace that the launcher made: all threads but those
     * that have made one of their own. Of all steps this is the one that may be refused; so it is
     * also asked here whether the filter will be possible.
     *
     * @throws jpasst.linux.LinuxException if the kernel refuses
     */
    public void leaveFiles() {
        Errno.check(FILTER, Seccomp.available());
        Provisions.open();
        EmptyRoot.enter(settings.chrootFallback());
    }

    /**
     * Shuts in a thread that shares mount, IPC and UTS namespaces with the command: without a file
     * system, and without capabilities. To be called by that thread, after which it can do nothing
     * but open sockets in its network namespace.
     *
     * @throws jpasst.linux.LinuxException if the kernel refuses
     */
    public void exile() {
        Errno.check("leave the command's namespaces", Processes.unshare(
                Processes.CLONE_NEWNS | Processes.CLONE_NEWIPC | Processes.CLONE_NEWUTS));
        EmptyRoot.enter(settings.chrootFallback());
        Privileges.keep(0);
    }

    /** As {@link #exile} for a thread that shares its namespaces with ours. */
    public void disarm() {
        Privileges.keep(0);
    }

    /**
     * Gives up capabilities on the calling thread, the loop's, and for all threads the right to
     * gain any, to be looked into, and most system calls. All threads must be running by now.
     *
     * @throws jpasst.linux.LinuxException if the kernel refuses: without the filter we do not run
     */
    public void seal() {
        Privileges.keep(settings.namespace() ? 1L << Capabilities.CAP_NET_BIND_SERVICE : 0);
        Errno.check("forbid others to look into this process",
                Processes.prctl(Processes.PR_SET_DUMPABLE, 0, 0, 0, 0));
        Errno.check("give up new privileges",
                Processes.prctl(Processes.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        var filter = CallPolicy.filter(Machine.ofThisProcess(), settings, Processes.getpid());
        int rc = Errno.check(FILTER, Seccomp.install(filter.program()));
        if (rc > 0) {
            throw new IllegalStateException("thread " + rc + " filters system calls already");
        }
    }

    private static final class None extends Isolation {
        None() {
            super(null);
        }

        @Override
        public void leaveFiles() {
        }

        @Override
        public void exile() {
        }

        @Override
        public void disarm() {
        }

        @Override
        public void seal() {
        }
    }
}
