// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jpasst.linux.Capabilities;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.linux.Signals;
import jpasst.log.Log;

/**
 * The running command. Its end is an event on {@link #pidfd}, its status comes from {@link #reap}.
 *
 * <p>May be used by any one thread at a time.
 */
public final class Command implements AutoCloseable {
    private static final String SHELL = "/bin/sh";
    /** What sh calls itself in its messages. */
    private static final String SHELL_NAME = "pasta";
    private static final String HOST_NAME_FILE = "/proc/sys/kernel/hostname";
    private static final String PING_GROUPS_FILE = "/proc/sys/net/ipv4/ping_group_range";
    private static final String DESCRIPTORS = "/proc/self/fd";
    private static final String HOST_NAME_PREFIX = "pasta-";
    private static final int HOST_NAME_MAX = 64;
    private static final int FIRST_INHERITED = 3;

    private final int pidfd;
    private final Terminal terminal;

    private Command(int pidfd, Terminal terminal) {
        this.pidfd = pidfd;
        this.terminal = terminal;
    }

    /**
     * Starts the command in the namespace. To be called when everything is ready, for the command
     * runs at once; and once per inside thread, which can have one PID namespace for its children.
     *
     * @throws LinuxException if it cannot be executed
     */
    public static Command start(InsideThread inside, CommandSettings settings, Log log) {
        return inside.call(new Start(settings, log));
    }

    /** Readable from the end of the command on. Closed by {@link #close}. */
    public int pidfd() {
        return pidfd;
    }

    /**
     * The command's exit status, or 128 + n if signal n killed it; -EAGAIN as long as it runs.
     * Once it returned a status it must not be asked again; then the terminal is ours again.
     */
    public int reap() {
        int status = Processes.waitPidfd(pidfd, Processes.WNOHANG);
        if (status >= 0) {
            terminal.takeBack();
        }
        return status;
    }

    /** Closes the descriptor; the command, if it still runs, is left alone. */
    @Override
    public void close() {
        Files.close(pidfd);
    }

    /** The way there, on the inside thread. */
    private record Start(CommandSettings settings, Log log)
            implements InsideTask<Command, RuntimeException> {

        @Override
        public Command run() {
            byte[][] environment = array(settings.environment());
            byte[] command = settings.words().getFirst();
            Errno.check("Cannot execute " + new String(command, StandardCharsets.UTF_8),
                    Executable.check(command, environment));
            setHostName();
            allowPing();
            if (settings.pidNamespace()) {
                Errno.check("create PID namespace", Processes.unshare(Processes.CLONE_NEWPID));
            }
            boolean drop = resetCapabilities();
            keepDescriptors();
            // Ignored, it would have the kernel forget how the command ended.
            Signals.restoreDefault(Signals.SIGCHLD);
            Terminal terminal = Terminal.ofThisProcess();
            int pid = Errno.check("Cannot start the command",
                    spawn(terminal, words(drop), environment));
            return new Command(Errno.check("pidfd_open", Processes.pidfdOpen(pid, 0)), terminal);
        }

        /**
         * A command shares our process group, and so stops and is interrupted together with us. A
         * login shell on a terminal leads a group of its own: in a PID namespace it could not
         * name ours, and dash would fail at the end, when it gives the terminal back.
         */
        private int spawn(Terminal terminal, byte[][] words, byte[][] environment) {
            if (!settings.login() || !terminal.foreground()) {
                return Processes.posixSpawn(ascii(SHELL), words, environment);
            }
            int pid = Processes.posixSpawnLeader(ascii(SHELL), words, environment);
            if (pid > 0) {
                terminal.giveTo(pid);
            }
            return pid;
        }

        private void setHostName() {
            String name = settings.hostName();
            if (name == null) {
                name = HOST_NAME_PREFIX + readLine(HOST_NAME_FILE);
            }
            if (name.length() > HOST_NAME_MAX) {
                name = name.substring(0, HOST_NAME_MAX);
            }
            warn("Cannot set host name", Processes.sethostname(name));
        }

        /** Lets every process in the namespace send echo requests without privilege. */
        private void allowPing() {
            String refused = writeFile(PING_GROUPS_FILE, "0 0");
            if (refused != null && log.debugging()) {
                log.debug("Cannot set ping_group_range: " + refused);
            }
        }

        /**
         * Gives the command what root has: all capabilities at exec, none inherited. What the
         * launcher set up to have the JVM itself do with less ends here; it counts per thread.
         *
         * <p>Without a user namespace we may be somebody else, whose only capabilities are the
         * inherited ones; then the first process still needs them, and drops them itself.
         *
         * @return whether it has to
         */
        private boolean resetCapabilities() {
            int bits = Processes.prctl(Processes.PR_GET_SECUREBITS, 0, 0, 0, 0);
            if (bits > 0) {
                warn("Cannot reset securebits",
                        Processes.prctl(Processes.PR_SET_SECUREBITS, 0, 0, 0, 0));
            }
            Capabilities old = Capabilities.ofThread();
            if (Processes.getuid() != 0 && settings.pidNamespace()
                    && old.has(Capabilities.CAP_SYS_ADMIN)) {
                return true;
            }
            warn("Cannot clear ambient capabilities", Capabilities.clearAmbient());
            warn("Cannot clear inheritable capabilities",
                    new Capabilities(old.effective(), old.permitted(), 0).apply());
            return false;
        }

        /** Only standard input, output and error reach the command; the JVM's files do not. */
        private static void keepDescriptors() {
            if (Processes.closeOnExec(FIRST_INHERITED) == 0) {
                return;
            }
            String[] numbers = new File(DESCRIPTORS).list();
            for (String number : numbers == null ? new String[0] : numbers) {
                int fd = Integer.parseInt(number);
                if (fd >= FIRST_INHERITED) {
                    Files.fcntl(fd, Files.F_SETFD, Files.FD_CLOEXEC);
                }
            }
        }

        /** The command line of the first process: a shell that becomes the command. */
        private byte[][] words(boolean drop) {
            List<byte[]> command = settings.words();
            byte[][] words = new byte[4 + command.size()][];
            words[0] = ascii(SHELL_NAME);
            words[1] = ascii("-c");
            words[2] = ascii(FirstProcess.script(settings.pidNamespace(), settings.login(), drop));
            words[3] = ascii(SHELL_NAME);
            for (int i = 0; i < command.size(); i++) {
                words[4 + i] = command.get(i);
            }
            return words;
        }

        /** The first line of a small file of the kernel's; empty if it cannot be read. */
        private static String readLine(String file) {
            try (FileInputStream in = new FileInputStream(file)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            } catch (IOException unreadable) {
                return "";
            }
        }

        /** {@code null}, or what went wrong. */
        private static String writeFile(String file, String text) {
            try (FileOutputStream out = new FileOutputStream(file)) {
                out.write(ascii(text));
                return null;
            } catch (IOException refused) {
                return refused.getMessage();
            }
        }

        private void warn(String what, int rc) {
            if (rc < 0) {
                log.warn(what + ": " + Errno.message(-rc));
            }
        }

        private static byte[][] array(List<byte[]> list) {
            return list.toArray(new byte[0][]);
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
