// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import jpasst.addr.Ip;
import jpasst.linux.Errno;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;

/**
 * Messages about one flow. All start with {@code Flow <index> (<type or state>): }, and nobody
 * else writes that. A message that ordinary users see, and a state change, is followed by a line
 * with the flow's interfaces and addresses.
 */
public final class FlowLog {
    private static final String INDENT = "    ";

    private final Log log;

    /** Messages to a log. */
    public FlowLog(Log log) {
        this.log = log;
    }

    /** Whether debug messages are shown; ask before building one. */
    public boolean debugging() {
        return log.debugging();
    }

    /** Logs about a flow at {@link Level#DEBUG}. */
    public void debug(Flow flow, String message) {
        log(Level.DEBUG, flow, message);
    }

    /** Logs about a flow at {@link Level#INFO}, with the detail line. */
    public void info(Flow flow, String message) {
        log(Level.INFO, flow, message);
    }

    /** Logs about a flow at {@link Level#WARNING}, with the detail line. */
    public void warn(Flow flow, String message) {
        log(Level.WARNING, flow, message);
    }

    /** Logs about a flow at {@link Level#ERROR}, with the detail line. */
    public void error(Flow flow, String message) {
        log(Level.ERROR, flow, message);
    }

    /** Logs about a flow at {@link Level#DEBUG}, with the meaning of a positive error number. */
    public void debug(Flow flow, String message, int errno) {
        if (log.debugging()) {
            debug(flow, withError(message, errno));
        }
    }

    /** Logs about a flow at {@link Level#WARNING}, with the meaning of a positive error number. */
    public void warn(Flow flow, String message, int errno) {
        warn(flow, withError(message, errno));
    }

    /** Logs about a flow at {@link Level#ERROR}, with the meaning of a positive error number. */
    public void error(Flow flow, String message, int errno) {
        error(flow, withError(message, errno));
    }

    /**
     * Logs about a flow at the level of a limit, if that permits.
     *
     * @param nowNs the current CLOCK_MONOTONIC time
     */
    public void limited(RateLimit limit, long nowNs, Flow flow, String message) {
        if (limit.permits(nowNs)) {
            log(limit.level(), flow, message);
        }
    }

    /**
     * Logs about a flow at the level of a limit, if that permits, with the meaning of a positive
     * error number.
     *
     * @param nowNs the current CLOCK_MONOTONIC time
     */
    public void limited(RateLimit limit, long nowNs, Flow flow, String message, int errno) {
        if (limit.permits(nowNs)) {
            log(limit.level(), flow, withError(message, errno));
        }
    }

    /** Logs that a flow left a state for its present one. */
    void stateChange(Flow flow, FlowState old) {
        FlowState larger = old.isAtLeast(flow.state()) ? old : flow.state();
        log.debug(prefix(flow) + old + " -> " + flow.state());
        logDetail(Level.DEBUG, flow, larger);
    }

    private void log(Level level, Flow flow, String message) {
        if (!log.shows(level)) {
            return;
        }
        log.log(level, prefix(flow) + message);
        if (Level.INFO.shows(level)) {
            logDetail(level, flow, flow.state());
        }
    }

    private void logDetail(Level level, Flow flow, FlowState known) {
        if (known.isAtLeast(FlowState.INI)) {
            log.log(level, prefix(flow) + INDENT + detail(flow, known));
        }
    }

    private static String withError(String message, int errno) {
        return message + ": " + Errno.message(errno);
    }

    private static String prefix(Flow flow) {
        boolean typed = flow.state().isAtLeast(FlowState.TYPED);
        Object what = typed ? flow.type() : flow.state();
        return "Flow " + flow.index() + " (" + what + "): ";
    }

    /** From the initiator's endpoint, through us, to the target's endpoint. */
    private static String detail(Flow flow, FlowState known) {
        FlowSide from = flow.sideInAnyState(0);
        String first = flow.pif(0) + " " + endpoint(from) + " -> " + our(from) + " => ";
        if (!known.isAtLeast(FlowState.TGT)) {
            return first + "?";
        }
        FlowSide to = flow.sideInAnyState(1);
        return first + flow.pif(1) + " " + our(to) + " -> " + endpoint(to);
    }

    private static String endpoint(FlowSide side) {
        return text(side.endpointHigh(), side.endpointLow(), side.endpointPort());
    }

    private static String our(FlowSide side) {
        return text(side.ourHigh(), side.ourLow(), side.ourPort());
    }

    private static String text(long high, long low, int port) {
        return "[" + Ip.text(high, low) + "]:" + port;
    }
}
