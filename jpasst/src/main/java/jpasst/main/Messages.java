// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jpasst.config.LogOptions;
import jpasst.config.OneLine;
import jpasst.config.Settings;
import jpasst.config.Version;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.LogDestination;
import jpasst.log.LogFile;
import jpasst.log.StandardError;
import jpasst.log.SystemLog;
import jpasst.log.WithTerminal;

/**
 * Where messages go, at each stage of the program's life. Until options are parsed: standard
 * error. From then on the log file, or without one the system log; and standard error as well,
 * until the program is in the background or a command has started on the same terminal. Debugging
 * without a file is for standard error alone, with time stamps.
 */
final class Messages {
    private final String programName;
    private final Log log = new Log();
    /** Null before there is one, and if all goes to standard error. */
    private LogDestination kept;
    private SystemLog systemLog;
    private boolean banner;
    private boolean leavesTerminal;

    /** Messages of a program by the name it was called. */
    Messages(String programName) {
        this.programName = programName;
    }

    /** The log, at any stage. */
    Log log() {
        return log;
    }

    /**
     * Sets up what the options ask for. Logs their warnings.
     *
     * @param logFile the log file if the launcher opened it, or -1
     * @throws StartException if the log file cannot be opened
     */
    void open(Settings settings, int logFile) {
        LogOptions options = settings.log();
        boolean command = settings.namespace().target().startsCommand();
        banner = options.debug() || !command;
        leavesTerminal = command || !settings.process().foreground();
        log.level(options.level());
        if (options.file() != null) {
            kept = openFile(options, logFile);
        } else if (!options.debug()) {
            systemLog = new SystemLog(SystemLog.PATH, programName);
            kept = systemLog;
        }
        log.destination(kept == null ? new StandardError(true) : new WithTerminal(kept,
                new StandardError(false), banner ? Level.TRACE : Level.WARNING));
        for (String warning : settings.warnings()) log.warn(warning);
    }

    private LogDestination openFile(LogOptions options, int logFile) {
        String title = programName + " " + Version.NUMBER + ": " + executable() + " ("
                + Processes.pidOutside() + ")";
        if (logFile >= 0) return new LogFile(logFile, options.fileSize(), title);
        try {
            return LogFile.open(options.file(), options.fileSize(), title);
        } catch (LinuxException e) {
            throw new StartException("cannot open log file " + options.file() + ": "
                    + Errno.message(e.errno()));
        }
    }

    private static String executable() {
        try {
            return new File("/proc/self/exe").getCanonicalPath();
        } catch (IOException e) {
            return "?";
        }
    }

    /** Whether to say what network there is: not on the terminal of a command. */
    boolean wantsBanner() {
        return banner;
    }

    /** The start is over: standard error is the command's, or has been let go. */
    void started() {
        if (systemLog != null) systemLog.neverWait();
        if (leavesTerminal && kept != null) log.destination(kept);
    }

    /** Says why the program ends, on standard error too: the last message. */
    void failed(String message) {
        if (kept != null) log.destination(kept).error(message);
        byte[] line = (OneLine.of(programName + ": " + message) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        System.err.write(line, 0, line.length);
        System.err.flush();
    }
}
