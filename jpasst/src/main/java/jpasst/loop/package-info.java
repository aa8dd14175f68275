// SPDX-License-Identifier: Apache-2.0
/**
 * The thread everything on the data path runs on: waiting for events, and timers.
 *
 * <h2>A round</h2> {@link jpasst.loop.EventLoop} waits in epoll for up to 64 events, or until the
 * next deadline; reads the clock once; gives each event, in the kernel's order, to the handler
 * its tag names; then runs the work after the batch, which flushes what handlers collected,
 * expires timers, ends flows, and returns the next deadline. All handlers of a round see the
 * same time.
 *
 * <h2>Tags</h2> With a descriptor epoll keeps 64 bits, {@link jpasst.loop.EventTag}: type,
 * descriptor, payload. There is no table of descriptors: 100,000 idle ones cost nothing here.
 *
 * <h2>Timers</h2> {@link jpasst.loop.TimingWheel} keeps one timer per id of its owner, who
 * expires it in the work after the batch and passes on its next deadline. So a timer is a few
 * array writes, not a descriptor and a system call.
 *
 * <h2>Invariants</h2> A descriptor given to {@code remove} or {@code forget} has no event
 * delivered afterwards, not even one the kernel already reported in this round: a handler may
 * close any descriptor at any time. An exception thrown by a handler costs that event, is
 * counted and reported; the loop goes on. A handler that throws for a level-triggered descriptor
 * is called again, so flows end themselves on errors.
 *
 * <h2>Threads</h2> One. Others get its attention by an event counter watched as WAKE_UP.
 *
 * <h2>Cost</h2> Per round one system call and two readings of the clock; no allocation. Arming a
 * timer takes tens of nanoseconds, whatever their number.
 */
package jpasst.loop;
