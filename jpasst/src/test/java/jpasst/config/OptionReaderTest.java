// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionReaderTest {
    /** The options read, values in brackets, and the operands after a bar. */
    private static String read(String line) {
        var arguments = line.isEmpty() ? new String[0] : line.split(" ");
        var reader = new OptionReader(arguments);
        var text = new StringBuilder();
        for (var option = reader.next(); option != null; option = reader.next()) {
            text.append(option);
            text.append(reader.value() == null ? "" : "[" + reader.value() + "]").append(' ');
        }
        text.append('|');
        for (int i = reader.operand(); i < arguments.length; i++) {
            text.append(' ').append(arguments[i]);
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '',                        |
            -d,                        DEBUG |
            -df4,                      DEBUG FOREGROUND IPV4_ONLY |
            -m1500,                    MTU[1500] |
            -m 1500,                   MTU[1500] |
            -fm 1500 -d,               FOREGROUND MTU[1500] DEBUG |
            -fm1500 x,                 FOREGROUND MTU[1500] | x
            -m -d,                     MTU[-d] |
            -m --,                     MTU[--] |
            --mtu 1500,                MTU[1500] |
            --mtu=1500,                MTU[1500] |
            --mtu=,                    MTU[] |
            --mtu=a=b,                 MTU[a=b] |
            --mt 9,                    MTU[9] |
            --mt=9,                    MTU[9] |
            --netns x,                 NETNS[x] |
            --netns-o,                 NETNS_ONLY |
            --socket x,                SOCKET[x] |
            -f -- -d,                  FOREGROUND | -d
            -- ,                       |
            ls -l,                     | ls -l
            -f ls -d -- x,             FOREGROUND | ls -d -- x
            -,                         | -
            -f 1234,                   FOREGROUND | 1234
            """)
    void readsAsGetoptDoes(String line, String expected) {
        assertEquals(expected.strip(), read(line).strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', textBlock = """
            -x@            invalid option -- 'x'
            -fx@           invalid option -- 'x'
            -m@            option requires an argument -- 'm'
            -fm@           option requires an argument -- 'm'
            --mtu@         option '--mtu' requires an argument
            --mt@          option '--mtu' requires an argument
            --debug=1@     option '--debug' doesn't allow an argument
            --bogus@       unrecognized option '--bogus'
            --bogus=1@     unrecognized option '--bogus=1'
            --dns-@        option '--dns-' is ambiguous; possibilities: '--dns-forward' '--dns-host'
            --dns-=1@      option '--dns-=1' is ambiguous; possibilities: '--dns-forward' \
            '--dns-host'
            -f-@           invalid option -- '-'
            -f=1@          invalid option -- '='
            """)
    void refusesWithTheMessagesOfTheLibrary(String line, String message) {
        var refused = assertThrows(ConfigurationException.class, () -> read(line));
        assertEquals(message, refused.getMessage());
        assertTrue(refused.wantsUsage());
    }
}
