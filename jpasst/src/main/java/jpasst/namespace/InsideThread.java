// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.linux.Mounts;
import jpasst.linux.Processes;

/**
 * One platform thread that lives in the target network namespace, and works there for others.
 *
 * <p>Descriptors it opens belong to the whole process, so the loop uses them at once. It must not
 * start threads itself: they would live inside too.
 *
 * <p>{@link #call} may be used by any thread; calls are served one after the other.
 */
public final class InsideThread implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock: the task under way, its outcome, whether a caller has it to itself.
    private InsideTask<?, ?> task;
    private Object result;
    private Throwable failure;
    private boolean busy;
    private boolean closed;

    private InsideThread() {
        new Server().start();
    }

    /**
     * A thread in a new network namespace, for a command: with it go new mount, IPC and UTS
     * namespaces. The PID namespace is left to {@link Command#start}: a thread whose children are
     * to have another one can start no thread any more.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static InsideThread create() {
        return entered(new Creation());
    }

    /**
     * A thread in the network namespace that a file stands for.
     *
     * @param path such as {@code /proc/1234/ns/net} or {@code /run/netns/NAME}
     * @throws LinuxException if there is no such file, it is none of a network namespace, or
     *     entering is not allowed
     */
    public static InsideThread join(String path) {
        return entered(new Entry(path));
    }

    private static InsideThread entered(InsideTask<Void, RuntimeException> entry) {
        InsideThread inside = new InsideThread();
        try {
            inside.call(entry);
            return inside;
        } catch (RuntimeException refused) {
            inside.close();
            throw refused;
        }
    }

    /**
     * Has a task done inside, and waits for its end.
     *
     * @return what the task returned
     * @throws E what the task threw; unchecked exceptions pass through as well
     * @throws IllegalStateException after {@link #close}
     */
    public <T, E extends Exception> T call(InsideTask<T, E> work) throws E {
        lock.lock();
        try {
            while (busy) {
                pause();
            }
            busy = true;
            task = work;
            changed.signalAll();
            while (task != null) {
                pause();
            }
            busy = false;
            changed.signalAll();
            return outcome(result, failure);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change, with the lock held. */
    private void pause() {
        if (closed) {
            throw new IllegalStateException("inside thread is closed");
        }
        changed.awaitUninterruptibly();
    }

    /** The type parameters are those of the task, which made these. */
    @SuppressWarnings("unchecked")
    private static <T, E extends Exception> T outcome(Object done, Throwable thrown) throws E {
        // Not a switch over patterns: that would be linked at run time, on the way to the start.
        if (thrown instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw (E) thrown;
        }
        return (T) done;
    }

    /** Lets the thread end. The namespace lives on as long as processes or descriptors use it. */
    @Override
    public void close() {
        lock.lock();
        closed = true;
        changed.signalAll();
        lock.unlock();
    }

    /** The thread's life: wait for a task, do it, hand the outcome over. */
    private final class Server extends Thread {
        Server() {
            super("inside");
            setDaemon(true);
        }

        @Override
        public void run() {
            InsideTask<?, ?> next = next();
            while (next != null) {
                Object done = null;
                Throwable thrown = null;
                try {
                    done = next.run();
                } catch (Throwable any) {
                    thrown = any;
                }
                finish(done, thrown);
                next = next();
            }
        }

        private InsideTask<?, ?> next() {
            lock.lock();
            try {
                while (task == null && !closed) {
                    changed.awaitUninterruptibly();
                }
                return task;
            } finally {
                lock.unlock();
            }
        }

        private void finish(Object done, Throwable thrown) {
            lock.lock();
            result = done;
            failure = thrown;
            task = null;
            changed.signalAll();
            lock.unlock();
        }
    }

    /** Makes the namespaces, and keeps mounts inside from being seen outside. */
    private record Creation() implements InsideTask<Void, RuntimeException> {
        @Override
        public Void run() {
            Errno.check("create namespaces", Processes.unshare(Processes.CLONE_NEWNET
                    | Processes.CLONE_NEWNS | Processes.CLONE_NEWIPC | Processes.CLONE_NEWUTS));
            // Mounts made outside still appear inside, as they would for any other process.
            Errno.check("separate mounts", Mounts.mount("none", "/", "none",
                    Mounts.MS_REC | Mounts.MS_SLAVE, null));
            return null;
        }
    }

    /** Enters a namespace that exists. */
    private record Entry(String path) implements InsideTask<Void, RuntimeException> {
        @Override
        public Void run() {
            int fd = Errno.check("network namespace " + path,
                    Files.open(path, Files.O_RDONLY | Files.O_CLOEXEC, 0));
            int rc = Processes.setns(fd, Processes.CLONE_NEWNET);
            Files.close(fd);
            Errno.check("enter network namespace " + path, rc);
            return null;
        }
    }
}
