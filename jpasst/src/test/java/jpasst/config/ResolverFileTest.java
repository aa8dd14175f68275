// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jpasst.addr.IpAddress;
import org.junit.jupiter.api.Test;

class ResolverFileTest {
    private static List<IpAddress> parse(String text) {
        return ResolverFile.parse(text).nameServers();
    }

    @Test
    void findsNameServersInOrder() {
        assertEquals(List.of(IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1")),
                parse("# comment\nsearch example.org\nnameserver 192.0.2.1\n"
                        + "options edns0\nnameserver \t 2001:db8::1 \n"));
    }

    @Test
    void cutsZonesAndNeedsNoLastNewline() {
        assertEquals(List.of(IpAddress.parse("fe80::1")), parse("nameserver fe80::1%eth0"));
    }

    @Test
    void skipsWhatItDoesNotUnderstand() {
        assertEquals(List.of(), parse("nameserver\nnameserver \nnameserver x\n"
                + " nameserver 192.0.2.1\nnameservers 192.0.2.1\n;nameserver 192.0.2.1"));
    }

    @Test
    void takesTheFirstSearchLine() {
        assertEquals(List.of("a.example", "b", "c."), ResolverFile.parse(
                "domain x\nsearching y\nsearch \t a.example\tb  c. \r\nsearch d\n").search());
        assertEquals(List.of(), ResolverFile.parse("search\nnameserver 192.0.2.1").search());
        assertEquals(List.of("1", "2", "3", "4", "5", "6"),
                ResolverFile.parse("search 1 2 3 4 5 6 7").search());
    }
}
