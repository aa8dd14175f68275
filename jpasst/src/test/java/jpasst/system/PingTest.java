// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Echo requests from the guest. */
@Order(Integer.MAX_VALUE - 80)
class PingTest {
    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({
        Lab.SERVER_V4 + ", 0", Lab.SERVER_V4 + ", 56", Lab.SERVER_V4 + ", 1472",
        Lab.SERVER_V4 + ", 1473", Lab.SERVER_V4 + ", 30000",
        Lab.SERVER_V6 + ", 0", Lab.SERVER_V6 + ", 56", Lab.SERVER_V6 + ", 1452",
        Lab.SERVER_V6 + ", 1453", Lab.SERVER_V6 + ", 30000"})
    void repliesToEachSizeAndSequence(String server, int size) {
        var said = lab.pasta("--config-net").run("ping", "-n", "-c", "5", "-i", "0.05", "-W", "3",
                "-p", "a55af0", "-s", "" + size, server).ok();
        for (int sequence = 1; sequence <= 5; sequence++)
            assertTrue(said.contains((size + 8) + " bytes from " + server + ": icmp_seq="
                    + sequence + " ttl=255"), said);
        assertTrue(said.contains("5 packets transmitted, 5 received, 0% packet loss"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void keepsIdentifiersSequencesAndDestinationsApart(String family) {
        boolean v4 = family.equals("4");
        var second = v4 ? "192.0.2.3" : "2001:db8:1::3";
        lab.world().run("ip", "address", "add", second + (v4 ? "/24" : "/64"), "dev", "world0");
        var said = lab.pasta("--config-net")
                .run(lab.python("ping.py", v4 ? Lab.SERVER_V4 : Lab.SERVER_V6, second)).ok();
        assertEquals("missing 0 again 0 wrong 0", said);
    }

    @Test
    void anAddressWithoutAnyoneStaysSilent() {
        var outcome = lab.pasta("--config-net")
                .run("ping", "-q", "-c", "1", "-W", "1", "192.0.2.99");
        assertEquals(1, outcome.exitCode(), outcome::toString);
    }
}
