// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilterTest {
    private static final int UNKNOWN = Verdict.fail(1);

    @ParameterizedTest
    @EnumSource(Machine.class)
    void findsTheAnswerToEveryCall(Machine machine) {
        var random = new Random(11);
        for (int round = 0; round < 200; round++) {
            var filter = new Filter(machine, UNKNOWN);
            var expected = new EnumMap<Call, Integer>(Call.class);
            for (var call : Call.values()) {
                if (random.nextInt(10) < round % 11) {
                    int verdict = random.nextBoolean() ? Verdict.ALLOW : Verdict.KILL;
                    filter.answer(verdict, call);
                    expected.put(call, verdict);
                }
            }
            check(machine, filter, expected);
        }
    }

    private static void check(Machine machine, Filter filter, EnumMap<Call, Integer> expected) {
        var interpreter = new Interpreter(filter.program());
        var byNumber = new int[600];
        Arrays.fill(byNumber, UNKNOWN);
        expected.forEach((call, verdict) -> {
            if (call.number(machine) >= 0) byNumber[call.number(machine)] = verdict;
        });
        for (int number = 0; number < byNumber.length; number++) {
            assertEquals(byNumber[number],
                    interpreter.run(machine.auditArchitecture(), number), "call " + number);
            assertTrue(interpreter.steps < 20, interpreter.steps + " steps");
        }
        for (int number : new int[] {0x3fffffff, -1, Integer.MIN_VALUE}) {
            int verdict = interpreter.run(machine.auditArchitecture(), number);
            assertTrue(verdict == UNKNOWN || verdict == Verdict.KILL, "call " + number);
        }
    }

    @ParameterizedTest
    @EnumSource(Machine.class)
    void killsCallsInTheWayOfAnotherArchitecture(Machine machine) {
        var filter = new Filter(machine, UNKNOWN);
        filter.answer(Verdict.ALLOW, Call.values());
        var interpreter = new Interpreter(filter.program());
        int i386 = 0x40000003;
        for (int number = 0; number < 500; number++) {
            assertEquals(Verdict.KILL, interpreter.run(i386, number));
        }
    }

    @Test
    void killsCallsOfTheX32Abi() {
        var filter = new Filter(Machine.X86_64, UNKNOWN);
        filter.answer(Verdict.ALLOW, Call.values());
        var interpreter = new Interpreter(filter.program());
        for (int number = 0; number < 600; number++) {
            assertEquals(Verdict.KILL, interpreter.run(Machine.X86_64.auditArchitecture(),
                    0x40000000 | number));
        }
    }

    @Test
    void refusesTwoAnswersToOneCall() {
        var filter = new Filter(Machine.X86_64, UNKNOWN);
        filter.answer(Verdict.ALLOW, Call.READ);
        assertThrows(IllegalStateException.class, () -> filter.answer(Verdict.KILL, Call.READ));
    }
}
