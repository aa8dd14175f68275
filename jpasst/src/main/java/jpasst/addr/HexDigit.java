// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/** ASCII hexadecimal digits; unlike {@code Character.digit}, nothing else is a digit. */
final class HexDigit {
    private HexDigit() {}

    /** 0 to 15, or -1 if the character is not a hexadecimal digit. */
    static int value(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }
}
