// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jpasst.addr.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardRuleTest {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private static IpAddress ip(String text) {
        return text == null || text.equals("*") ? null : IpAddress.parse(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            6;;;2222;2222;22;;false;false;TCP [*]:2222  =>  22\s
            6;;lo;1;32767;1;;true;true;TCP [*]%lo:1-32767  =>  1-32767  (best effort) (auto-scan)
            17;192.0.2.1;;53;53;5353;10.1.1.1;false;false;UDP [192.0.2.1]:53  =>  10.1.1.1:5353\s
            6;0.0.0.0;;5;6;7;;true;false;TCP [0.0.0.0]:5-6  =>  7-8  (best effort)
            6;::;eth0;5;6;7;fd99::1;false;true;TCP [::]%eth0:5-6  =>  fd99::1:7-8  (auto-scan)
            132;;;1;1;1;;false;false;protocol 132 [*]:1  =>  1\s
            """)
    void looksLikeTheOriginals(int protocol, String address, String name, int first, int last,
            int target, String targetAddress, boolean weak, boolean scan, String text) {
        assertEquals(text, new ForwardRule(protocol, ip(address), name, first, last, target,
            ip(targetAddress), weak, scan).toString());
    }

    private static ForwardRule rule(int protocol, String address, int first, int last) {
        return new ForwardRule(protocol, ip(address), null, first, last, first, null, false,
            false);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            *,         127.0.0.1, true
            *,         ::1,       true
            0.0.0.0,   127.0.0.1, true
            0.0.0.0,   ::1,       false
            ::,        ::1,       true
            ::,        127.0.0.1, false
            127.0.0.1, 127.0.0.1, true
            127.0.0.1, 127.0.0.2, false
            ::1,       ::1,       true
            ::1,       fd99::1,   false
            """)
    void matchesItsAddresses(String address, String our, boolean matches) {
        assertEquals(matches, rule(TCP, address, 5, 6).matches(TCP, ip(our).high(),
            ip(our).low(), 5));
    }

    @ParameterizedTest
    @CsvSource({"6,4,false", "6,5,true", "6,7,true", "6,8,false", "17,5,false"})
    void matchesItsProtocolAndPorts(int protocol, int port, boolean matches) {
        IpAddress our = IpAddress.LOOPBACK_V4;
        assertEquals(matches,
            rule(TCP, "*", 5, 7).matches(protocol, our.high(), our.low(), port));
    }

    @ParameterizedTest
    @CsvSource({"5,15", "6,16", "7,17"})
    void leadsFromPortToPort(int port, int target) {
        assertEquals(target,
            new ForwardRule(TCP, null, null, 5, 7, 15, null, false, false).targetOf(port));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            *,         5, 7,  *,         7, 9,  true
            *,         5, 7,  *,         8, 9,  false
            *,         5, 9,  *,         6, 7,  true
            *,         5, 5,  127.0.0.1, 5, 5,  true
            *,         5, 5,  ::1,       5, 5,  true
            *,         5, 5,  ::,        5, 5,  true
            0.0.0.0,   5, 5,  ::,        5, 5,  false
            0.0.0.0,   5, 5,  127.0.0.1, 5, 5,  true
            0.0.0.0,   5, 5,  ::1,       5, 5,  false
            ::,        5, 5,  ::1,       5, 5,  true
            127.0.0.1, 5, 5,  127.0.0.1, 5, 5,  true
            127.0.0.1, 5, 5,  127.0.0.2, 5, 5,  false
            127.0.0.1, 5, 5,  ::1,       5, 5,  false
            """)
    void conflictsWhereBothCouldMatch(String address, int first, int last, String otherAddress,
            int otherFirst, int otherLast, boolean conflict) {
        ForwardRule one = rule(TCP, address, first, last);
        ForwardRule other = rule(TCP, otherAddress, otherFirst, otherLast);
        assertEquals(conflict, one.conflictsWith(other));
        assertEquals(conflict, other.conflictsWith(one));
        assertEquals(false, one.conflictsWith(rule(UDP, otherAddress, otherFirst, otherLast)));
    }
}
