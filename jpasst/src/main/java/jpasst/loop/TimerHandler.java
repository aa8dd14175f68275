// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/** Is told of timers that ran out. */
public interface TimerHandler {
    /**
     * The timer ran out and is disarmed; it may be armed again here, as may any other.
     *
     * @param nowNs as given to {@link TimingWheel#expire}
     */
    void onTimer(int id, long nowNs);
}
