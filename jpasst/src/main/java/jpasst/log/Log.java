// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/**
 * The log of the running program. One object is made at start and handed to whoever logs.
 *
 * <p>All methods may be called by any thread. Guard a message that costs something to build:
 * {@code if (log.debugging()) log.debug("..." + x);}.
 *
 * <p>It starts with level {@link Level#INFO}, unstamped, to standard error, whatever the command
 * line will say: until options are parsed every message goes there.
 */
public final class Log {
    private final Clock clock;
    private final long startNs;
    private volatile Level level = Level.INFO;
    private volatile LogDestination destination;

    /** A log to standard error. Time stamps count from now. */
    public Log() {
        this(new StandardError(false), new SystemClock());
    }

    /** A log to a destination of the caller's. Time stamps count from now. */
    public Log(LogDestination destination) {
        this(destination, new SystemClock());
    }

    Log(LogDestination destination, Clock clock) {
        this.destination = destination;
        this.clock = clock;
        this.startNs = clock.nowNs();
    }

    /** Monotonic time; an interface so that tests need not wait. */
    interface Clock {
        /** Nanoseconds from an arbitrary origin, never going back. */
        long nowNs();
    }

    private static final class SystemClock implements Clock {
        @Override
        public long nowNs() {
            return System.nanoTime();
        }
    }

    /** The most detailed level shown. */
    public Level level() {
        return level;
    }

    /** Sets the most detailed level shown. */
    public Log level(Level shown) {
        this.level = shown;
        return this;
    }

    /** Sends all further messages elsewhere; what other threads are just writing still arrives. */
    public Log destination(LogDestination next) {
        this.destination = next;
        return this;
    }

    /** Whether messages of this level are shown. */
    public boolean shows(Level message) {
        return level.shows(message);
    }

    /** Whether debug messages are shown. */
    public boolean debugging() {
        return level.shows(Level.DEBUG);
    }

    /** Whether messages about single packets are shown. */
    public boolean tracing() {
        return level == Level.TRACE;
    }

    /** Logs at {@link Level#ERROR}. */
    public void error(String message) {
        log(Level.ERROR, message);
    }

    /** Logs at {@link Level#WARNING}. */
    public void warn(String message) {
        log(Level.WARNING, message);
    }

    /** Logs at {@link Level#INFO}. */
    public void info(String message) {
        log(Level.INFO, message);
    }

    /** Logs at {@link Level#DEBUG}; ask {@link #debugging()} first. */
    public void debug(String message) {
        log(Level.DEBUG, message);
    }

    /** Logs at {@link Level#TRACE}; ask {@link #tracing()} first. */
    public void trace(String message) {
        log(Level.TRACE, message);
    }

    /** Logs one line, without line end, at a level, if that is shown. */
    public void log(Level message, String text) {
        if (level.shows(message)) {
            destination.write(message, clock.nowNs() - startNs, text);
        }
    }
}
