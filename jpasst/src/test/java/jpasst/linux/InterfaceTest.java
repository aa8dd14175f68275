// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceTest {
    @ParameterizedTest
    @ValueSource(strings = {"lo", "e", "123456789012345", "...", "a:b", "a%b", "wän0"})
    void takesNamesTheKernelCouldHave(String name) {
        assertTrue(Interface.isName(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a b", "a\tb", "a\nb", "1234567890123456",
        "äääääääa1"})
    void refusesNamesItCannotHave(String name) {
        assertFalse(Interface.isName(name));
    }
}
