// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What cannot be done is said in one clear line, with exit code 1. "Clear" is held to this: the
 * line names the culprit.
 */
@Order(Integer.MAX_VALUE - 101)
class RefusalTest {
    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    /** Options and what the line must name, separated by "=>". */
    @ParameterizedTest
    @ValueSource(strings = {
        "--config-net -a 192.0.2.300 => 192.0.2.300",
        "--config-net -a 127.0.0.1 => 127.0.0.1",
        "--config-net -a 224.0.0.1 => 224.0.0.1",
        "--config-net -a 192.0.2.5/33 => 33",
        "--config-net -a 192.0.2.5/24 -n 24 => prefix",
        "--config-net -n 255.0.255.0 => 255.0.255.0",
        "--config-net -n 33 => 33",
        "--config-net -g 0.0.0.0 => 0.0.0.0",
        "--config-net -g nonsense => nonsense",
        "--config-net -m 65536 => 65536",
        "--config-net -m -1 => -1",
        "--config-net -m many => many",
        "--config-net -M 9a:55:9a:55:9a => 9a:55:9a:55:9a",
        "--config-net --ns-mac-addr zz:55:9a:55:9a:55 => zz:55:9a:55:9a:55",
        "--config-net -i nosuch0 => nosuch0",
        "--config-net -I lo => --ns-ifname",
        "--config-net --outbound-if4 nosuch0 => nosuch0",
        "--config-net -4 --outbound-if6 eth0 => eth0",
        "--config-net --netns-only => --netns-only",
        "--config-net --userns /etc/passwd => /etc/passwd",
        "--config-net -P /nosuch/pasta.pid => /nosuch/pasta.pid",
        "--config-net -I name-longer-than-it-may-be => name-longer-than-it-may-be",
        "--config-net -o 0.0.0.0 => 0.0.0.0",
        "--config-net --map-host-loopback 127.0.0.1 => 127.0.0.1",
        "--config-net --map-guest-addr nonsense => nonsense",
        "--config-net --dns-forward 0.0.0.0 => 0.0.0.0",
        "--config-net --dns-host nonsense => nonsense",
        "--config-net --runas nosuchuser => nosuchuser"})
    void aBadValueIsNamed(String line) {
        var parts = line.split(" => ");
        var error = lab.pasta(parts[0].split(" ")).run("true").oneLineError();
        assertTrue(error.contains(parts[1]), error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nonsense", "-Z"})
    void anUnknownOptionIsNamedBeforeTheUsage(String option) {
        var outcome = lab.pasta(option).run("true");
        assertEquals(1, outcome.exitCode());
        assertEquals("", outcome.out());
        var first = outcome.err().lines().findFirst().orElse("");
        assertTrue(first.contains(option.substring(1)), outcome::toString);
    }

    @Test
    void aMissingArgumentIsNamedBeforeTheUsage() {
        var outcome = lab.pasta("--config-net", "-a").run();
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().lines().findFirst().orElse("").contains("a"), outcome::toString);
    }

    @Test
    void aProcessThatIsNotThereIsNamed() {
        assertNames(lab.pasta("--config-net", "-f", "4194303").run(), "4194303");
    }

    @Test
    void aNamespaceThatIsNotThereIsNamed() {
        assertNames(lab.pasta("--config-net", "-f", "--netns", "/nosuch/netns").run(),
                "/nosuch/netns");
        assertNames(lab.pasta("--config-net", "-f", "--netns", "nosuch").run(), "nosuch");
        assertNames(lab.pasta("--config-net", "-f", "--netns", "/etc/passwd").run(),
                "/etc/passwd");
    }

    @Test
    void aNamespaceAndACommandExcludeEachOther() {
        lab.pasta("--config-net", "--netns", "/proc/self/ns/net").run("true").oneLineError();
    }

    @Test
    void aCommandThatIsNotThereIsNamed() {
        assertNames(lab.pasta("--config-net").run("/nosuch/command"), "/nosuch/command");
    }

    /** A capture is a help, not what pasta is for: it says so and goes on. */
    @Test
    void aCaptureThatCannotBeWrittenIsNoReasonToStop() {
        var outcome = lab.pasta("--config-net", "-p", "/nosuch/capture.pcap").run("echo", "on");
        assertEquals("on", outcome.ok());
        assertTrue(outcome.err().contains("/nosuch/capture.pcap"), outcome::toString);
    }

    @Test
    void withoutAccessToTheTapDeviceItSaysWhatToDo() {
        var error = lab.pasta("--config-net").tunMode("600").run("true").oneLineError();
        assertTrue(error.contains("/dev/net/tun"), error);
    }

    private static void assertNames(Outcome outcome, String culprit) {
        var error = outcome.oneLineError();
        assertTrue(error.contains(culprit), error);
    }
}
