// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.Map;

/**
 * What the launcher {@code bin/pasta} decided before there was a JVM, as it says so in the
 * environment:
 *
 * <pre>
 * JPASST_NAME       base name the user called it by: selects passt or pasta, begins messages
 * JPASST_TARGET     shell, command, pid, path or guest: it acted for this target;
 *                   none: it did nothing, the options are wrong or only print something
 * JPASST_SANDBOX    namespaces that it made for us alone; empty: it could not
 * JPASST_STATUS_FD  in the background: pipe where it waits for our exit status
 * JPASST_PID_FD     the PID file, opened by it since this user may not
 * JPASST_LOG_FD     the log file, likewise
 * JPASST_SAVED_*    the user's settings for JVMs, such as JAVA_TOOL_OPTIONS, kept from this one
 * </pre>
 *
 * <p>In the background its exit status is the number in the one line written to the status
 * descriptor, or 1 if the process ends without a line. The PID file must be complete before that,
 * the standard descriptors should be let go after it. A write that fails with EPIPE means that
 * the launcher was interrupted: nobody wants the network any more.
 *
 * <p>None of these may get into the environment of the command.
 */
public final class LauncherDecision {
    private final String programName;
    private final String target;
    private final boolean sandbox;
    private final int statusDescriptor;
    private final int pidFileDescriptor;
    private final int logFileDescriptor;

    private LauncherDecision(Map<String, String> environment) {
        programName = environment.getOrDefault("JPASST_NAME", "pasta");
        target = environment.get("JPASST_TARGET");
        sandbox = !environment.getOrDefault("JPASST_SANDBOX", "").isEmpty();
        statusDescriptor = descriptor(environment.get("JPASST_STATUS_FD"));
        pidFileDescriptor = descriptor(environment.get("JPASST_PID_FD"));
        logFileDescriptor = descriptor(environment.get("JPASST_LOG_FD"));
    }

    /**
     * Reads the decision.
     *
     * @param environment of this process
     * @return what it says
     */
    public static LauncherDecision read(Map<String, String> environment) {
        return new LauncherDecision(environment);
    }

    /**
     * The name the user called the program by.
     *
     * @return a base name, {@code pasta} without a launcher
     */
    public String programName() {
        return programName;
    }

    /**
     * Where the launcher waits for our exit status.
     *
     * @return a descriptor, or -1 in the foreground
     */
    public int statusDescriptor() {
        return statusDescriptor;
    }

    /**
     * The PID file, if the launcher opened it.
     *
     * @return a descriptor, or -1: open {@link ProcessOptions#pidFile} if there is one
     */
    public int pidFileDescriptor() {
        return pidFileDescriptor;
    }

    /**
     * Whether we have a mount namespace of our own. Only there may anything be mounted.
     *
     * @return false if the launcher had no right to make one
     */
    public boolean hasSandbox() {
        return sandbox;
    }

    /**
     * The log file, if the launcher opened it, for reading and writing.
     *
     * @return a descriptor, or -1: open {@link LogOptions#file} if there is one
     */
    public int logFileDescriptor() {
        return logFileDescriptor;
    }

    /**
     * Checks that the launcher acted for the same target as the options name.
     *
     * @param settings as read from the same command line
     * @throws ConfigurationException if there was no launcher
     * @throws IllegalStateException if it understood the command line differently
     */
    public void check(Settings settings) {
        if (target == null) {
            throw new ConfigurationException("must be started by the launcher, bin/pasta");
        }
        if (!target.equals(word(settings.namespace().target()))) {
            throw new IllegalStateException("the launcher prepared for '" + target
                    + "', the options ask for " + settings.namespace().target());
        }
        if (statusDescriptor < 0 != settings.process().foreground()) {
            throw new IllegalStateException("launcher and options disagree about the background");
        }
    }

    private static String word(NamespaceOptions.Target target) {
        return switch (target) {
            case SHELL -> "shell";
            case COMMAND -> "command";
            case PROCESS -> "pid";
            case PATH -> "path";
            case GUEST -> "guest";
        };
    }

    private static int descriptor(String text) {
        return text == null ? -1 : Integer.parseInt(text);
    }
}
