// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErrorBudgetTest {
    private final ErrorBudget budget = new ErrorBudget();

    private int spend(long nowNs, int wanted) {
        int permitted = 0;
        for (int i = 0; i < wanted; i++) {
            permitted += budget.permits(nowNs) ? 1 : 0;
        }
        return permitted;
    }

    @Test
    void permitsABurstThenARate() {
        assertEquals(ErrorBudget.BURST, spend(0, 1000));
        assertEquals(10, spend(10_000_000, 1000));
        int second = 0;
        for (int ms = 11; ms <= 1010; ms++) {
            second += spend(ms * 1_000_000L, 10);
        }
        assertEquals(ErrorBudget.PER_SECOND, second);
    }

    @Test
    void savesNoMoreThanABurst() {
        assertTrue(budget.permits(0));
        assertEquals(ErrorBudget.BURST, spend(3_600_000_000_000L, 1000));
    }
}
