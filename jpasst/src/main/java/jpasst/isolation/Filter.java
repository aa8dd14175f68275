// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import java.util.Map;
import java.util.TreeMap;
import jpasst.linux.Seccomp;

/**
 * What is answered to each call, and the program that does so. Calls it does not know get one
 * answer, calls in the way of another architecture end the process.
 *
 * <p>The program looks the number up by bisection: seven or eight comparisons for some hundred
 * calls, whatever their order. For calls allowed without a look at their arguments the kernel, from
 * 5.11 on, finds that out once and then does not run the program at all.
 */
final class Filter {
    private final Machine machine;
    private final Code unknown;
    private final TreeMap<Integer, Code> answers = new TreeMap<>();

    /**
     * A filter without calls.
     *
     * @param unknown the verdict on those that are not named
     */
    Filter(Machine machine, int unknown) {
        this.machine = machine;
        this.unknown = Code.answer(unknown);
    }

    /** One verdict on some calls. Naming a call twice is a mistake. */
    void answer(int verdict, Call... calls) {
        for (Call call : calls) check(call, Code.answer(verdict));
    }

    /** Code which looks at the arguments of a call and always gives an answer. */
    void check(Call call, Code code) {
        int number = call.number(machine);
        if (number >= 0 && answers.put(number, code) != null) {
            throw new IllegalStateException(call + " has an answer already");
        }
    }

    /** The whole program. */
    long[] program() {
        Code program = new Code().load(Seccomp.DATA_ARCHITECTURE)
                .giveUnless(Verdict.KILL, machine.auditArchitecture())
                .load(Seccomp.DATA_NUMBER);
        if (machine == Machine.X86_64) {
            program.giveFrom(Verdict.KILL, Seccomp.X32_SYSCALL_BIT);
        }
        int[] starts = new int[2 * answers.size() + 1];
        Code[] codes = new Code[starts.length];
        return program.append(bisect(starts, codes, 0, ranges(starts, codes))).instructions();
    }

    /** Fills in ranges of numbers with the same answer, each by its start: how many there are. */
    private int ranges(int[] starts, Code[] codes) {
        codes[0] = unknown;
        int count = 1;
        for (Map.Entry<Integer, Code> entry : answers.entrySet()) {
            int number = entry.getKey();
            if (starts[count - 1] == number) count--;
            boolean same = count > 0 && codes[count - 1].isSame(entry.getValue());
            if (!same) {
                starts[count] = number;
                codes[count++] = entry.getValue();
            }
            starts[count] = number + 1;
            codes[count++] = unknown;
        }
        return count;
    }

    private static Code bisect(int[] starts, Code[] codes, int from, int to) {
        if (to - from == 1) return codes[from];
        int middle = (from + to) >>> 1;
        return Code.split(starts[middle], bisect(starts, codes, from, middle),
                bisect(starts, codes, middle, to));
    }
}
