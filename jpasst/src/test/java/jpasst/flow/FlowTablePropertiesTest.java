// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import jpasst.log.Level;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Random sequences of operations, legal and not, keep all 17 invariants of the table. */
class FlowTablePropertiesTest {
    /** A home so low that the chain wraps round. */
    private static final SideHash CONSTANT = (protocol, pif, side) -> 3;

    enum Operation {
        ALLOCATE, INITIATE, TARGET, REFUSE, TYPE, ACTIVATE, CANCEL, HASH, UNHASH, MAKE, CLOSE,
        MARK, EXPIRE, SCAN, SCAN_A_SECOND_LATER, TRIM;

        void apply(TableDriver driver, int choice) {
            switch (this) {
                case ALLOCATE -> driver.allocate();
                case INITIATE -> driver.initiate(choice % 3, choice % 11);
                case TARGET -> driver.target(choice, targetKey(choice));
                case REFUSE -> driver.target(choice, null);
                case TYPE -> driver.type();
                case ACTIVATE -> driver.activate();
                case CANCEL -> driver.cancel();
                case HASH -> driver.hash(choice);
                case UNHASH -> driver.unhashOne(choice);
                case MAKE -> make(driver, choice);
                case CLOSE -> driver.close(choice);
                case MARK -> driver.mark(choice);
                case EXPIRE -> driver.expire(choice);
                case SCAN -> driver.scan(1_000_000);
                case SCAN_A_SECOND_LATER -> driver.scan(1_000_000_000);
                case TRIM -> driver.trim();
            }
        }

        boolean isScan() {
            return this == SCAN || this == SCAN_A_SECOND_LATER;
        }

        private static TableDriver.Key targetKey(int choice) {
            return new TableDriver.Key(0, Pif.of(1 + choice % 3), 7 + choice % 5, choice % 13);
        }

        /** A whole construction, or what is left of one. */
        static void make(TableDriver driver, int choice) {
            driver.allocate();
            driver.initiate(choice, choice & 0xffff);
            driver.target(choice, targetKey(choice));
            driver.type();
            driver.hash(choice);
            driver.hash(choice / 2);
            driver.activate();
        }
    }

    record Step(Operation operation, int choice) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        var operation = Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of(Operation.class)),
            Tuple.of(3, Arbitraries.of(Operation.ALLOCATE, Operation.INITIATE, Operation.TARGET,
                Operation.TYPE, Operation.ACTIVATE)),
            Tuple.of(2, Arbitraries.of(Operation.MAKE, Operation.CLOSE, Operation.SCAN)));
        return Combinators.combine(operation, Arbitraries.integers().between(0, 1 << 20))
            .as(Step::new).list().ofMinSize(20).ofMaxSize(150);
    }

    private static void run(TableDriver driver, List<Step> steps) {
        for (Step step : steps) {
            step.operation().apply(driver, step.choice());
            driver.check(step.operation().isScan());
        }
        driver.checkLoggedChanges();
    }

    @Property(tries = 300)
    void holdInASmallTable(@ForAll("steps") List<Step> steps,
            @ForAll @IntRange(min = 1, max = 12) int capacity) {
        run(new TableDriver(capacity, new SipHash(1, 2), Level.DEBUG), steps);
    }

    @Property(tries = 300)
    void holdWithAConstantHash(@ForAll("steps") List<Step> steps,
            @ForAll @IntRange(min = 1, max = 40) int capacity) {
        run(new TableDriver(capacity, CONSTANT, Level.DEBUG), steps);
    }

    /** Neighbouring homes make chains that overlap, which a constant hash does not. */
    @Property(tries = 300)
    void holdWithAHashOfFewValues(@ForAll("steps") List<Step> steps) {
        run(new TableDriver(100, (protocol, pif, side) -> side.endpointPort() % 7 - 3,
            Level.DEBUG), steps);
    }

    @Test
    void holdWhileTheTableGrowsAndShrinks() {
        var random = new Random(20261123);
        var driver = new TableDriver(FlowTable.MAX_FLOWS, new SipHash(3, 4), Level.ERROR);
        int wanted = 3000;
        for (int round = 0; round < 60; round++) {
            if (round % 12 == 11) {
                wanted = 200 + random.nextInt(4000);
            }
            while (driver.activeCount() < wanted) {
                Operation.make(driver, random.nextInt(1 << 20));
            }
            int closing = random.nextInt(200) + Math.max(0, driver.activeCount() - wanted);
            for (int i = 0; i < closing; i++) {
                driver.close(random.nextInt(1 << 20));
            }
            driver.scan(random.nextInt(400_000_000));
            if (round % 4 == 0) {
                driver.trim();
            }
            driver.check(true);
        }
    }

    @Test
    void holdWhenTheTableIsFilledToTheLastSlot() {
        var driver = new TableDriver(700, new SipHash(5, 6), Level.ERROR);
        var random = new Random(1);
        for (int i = 0; i < 720; i++) {
            Operation.make(driver, random.nextInt(1 << 20));
        }
        assertEquals(700, driver.activeCount());
        driver.check(false);
        for (int i = 0; i < 5000; i++) {
            driver.close(random.nextInt(1 << 20));
        }
        driver.scan(0);
        driver.check(true);
        assertTrue(driver.activeCount() < 10);
    }
}
