// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jpasst.flow.Pif;
import org.junit.jupiter.api.Test;

class ListenTagTest {
    @Test
    void keepsPortPifAndRule() {
        for (int port : new int[] {1, 0x7fff, 0x8000, 65535}) {
            for (int rule : new int[] {0, 127, 128, 254}) {
                int payload = ListenTag.of(port, Pif.SPLICE, rule);
                assertEquals(port, ListenTag.port(payload));
                assertEquals(Pif.SPLICE, ListenTag.pif(payload));
                assertEquals(rule, ListenTag.rule(payload));
            }
        }
    }
}
