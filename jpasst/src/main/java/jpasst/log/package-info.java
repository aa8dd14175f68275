// SPDX-License-Identifier: Apache-2.0

/**
 * Messages to whoever runs the program: levels, where lines go, and how often they may.
 *
 * <h2>Life of a message</h2>
 * Code at any level of the tree is handed one {@link jpasst.log.Log} by its constructor. It asks
 * {@link jpasst.log.Log#debugging()} or {@link jpasst.log.Log#tracing()} before it builds a text
 * that only those levels would show, so that an ordinary run never pays for one. The log drops
 * what its level hides, reads the time since start, and hands level, time and text to its one
 * {@link jpasst.log.LogDestination}. That object decides how a line looks there: standard error
 * shows a time stamp in debug mode only; a log file would show a level column; the system log
 * neither. The destination can be exchanged while the program runs.
 *
 * <h2>Rate</h2>
 * Anything a guest or a peer can trigger in number is logged through a
 * {@link jpasst.log.RateLimit}, one object per message site: five a second, then a notice, and
 * the count of what was suppressed when messages resume.
 *
 * <h2>Invariants</h2>
 * A line reaches standard error in one {@code write(2)}, so lines of several threads, and of the
 * command that shares the terminal, never mix. A failure to log is ignored: a full disk or a
 * closed descriptor must not stop traffic.
 *
 * <h2>Cost</h2>
 * A hidden message costs one field read. A shown one allocates; none is shown per packet unless
 * tracing.
 */
package jpasst.log;
