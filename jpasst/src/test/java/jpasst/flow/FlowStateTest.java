// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static jpasst.flow.FlowState.ACTIVE;
import static jpasst.flow.FlowState.FREE;
import static jpasst.flow.FlowState.INI;
import static jpasst.flow.FlowState.NEW;
import static jpasst.flow.FlowState.TGT;
import static jpasst.flow.FlowState.TYPED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Set;

import jpasst.log.Log;
import org.junit.jupiter.api.Test;

class FlowStateTest {
    private static final Map<FlowState, Set<FlowState>> ARROWS = Map.of(
        FREE, Set.of(NEW),
        NEW, Set.of(INI, FREE),
        INI, Set.of(TGT, FREE),
        TGT, Set.of(TYPED, FREE),
        TYPED, Set.of(ACTIVE, FREE),
        ACTIVE, Set.of(FREE));

    private final FlowLog log = new FlowLog(new Log());

    /** A flow that has gone the shortest way to a state. */
    private Flow in(FlowState state) {
        var flow = new Flow();
        for (int i = 1; i <= state.ordinal(); i++) {
            flow.moveTo(FlowState.values()[i], log);
        }
        return flow;
    }

    @Test
    void allowsExactlyTheArrowsForAllPairs() {
        for (FlowState from : FlowState.values()) {
            for (FlowState to : FlowState.values()) {
                assertEquals(ARROWS.get(from).contains(to), from.mayBecome(to), from + "->" + to);
            }
        }
    }

    @Test
    void setterRefusesEveryOtherPairAndKeepsTheState() {
        for (FlowState from : FlowState.values()) {
            for (FlowState to : FlowState.values()) {
                Flow flow = in(from);
                if (ARROWS.get(from).contains(to)) {
                    flow.moveTo(to, log);
                    assertEquals(to, flow.state());
                } else {
                    assertThrows(IllegalStateException.class, () -> flow.moveTo(to, log));
                    assertEquals(from, flow.state());
                }
            }
        }
    }

    @Test
    void isOrderedByCompleteness() {
        for (FlowState a : FlowState.values()) {
            for (FlowState b : FlowState.values()) {
                assertEquals(a.ordinal() >= b.ordinal(), a.isAtLeast(b));
            }
            assertEquals(a != FREE && a != ACTIVE, a.isUnderConstruction());
        }
    }
}
