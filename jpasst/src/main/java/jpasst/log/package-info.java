// SPDX-License-Identifier: Apache-2.0

/**
 * Messages to whoever runs the program: levels, where lines go, and how often they may.
 *
 * <h2>Life of a message</h2>
 * Code at any level of the tree is handed one {@link jpasst.log.Log} by its constructor. It asks
 * {@link jpasst.log.Log#debugging()} or {@link jpasst.log.Log#tracing()} before it builds a text
 * that only those levels would show, so that an ordinary run never pays for one. The log drops
 * what its level hides, reads the time since start, and hands level, time and text to its one
 * {@link jpasst.log.LogDestination}. That object decides how a line looks there: {@link
 * jpasst.log.StandardError} shows a time stamp in debug mode only; {@link jpasst.log.LogFile} has
 * the time and a column for the level; {@link jpasst.log.SystemLog} neither. The destination is
 * exchanged while the program comes up: {@link jpasst.log.WithTerminal} as long as somebody
 * looks at standard error, then what it keeps.
 *
 * <h2>The file</h2>
 * Entries are appended until one would not fit. Then the oldest 30 % go ({@code LogTrim}): the
 * file system takes whole blocks out of the file, or else what stays is moved by reading and
 * writing. The title is written over the beginning, up to the end of an entry. Everything is done
 * with the one descriptor that was opened at start, by pread, pwrite, lseek, fallocate and
 * ftruncate, which the sandbox allows.
 *
 * <h2>Rate</h2>
 * Anything a guest or a peer can trigger in number is logged through a
 * {@link jpasst.log.RateLimit}, one object per message site: five a second, then a notice, and
 * the count of what was suppressed when messages resume.
 *
 * <h2>Invariants</h2>
 * A line reaches standard error in one {@code write(2)}, so lines of several threads, and of the
 * command that shares the terminal, never mix. A message is one line of at most 8 KiB, without
 * control characters, whatever is in it. A file is never larger than its limit, and its entries
 * are whole and in order. A failure to log is ignored: a full disk or a closed descriptor must not
 * stop traffic, nor must a daemon that does not keep up.
 *
 * <h2>Cost</h2>
 * A hidden message costs one field read. A shown one allocates; none is shown per packet unless
 * tracing.
 */
package jpasst.log;
