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
        "--config-net --runas nosuchuser => nosuchuser",
        "--config-net --stats 1 => --stats needs --foreground before it",
        "--config-net --log-size 40959 => invalid --log-size: 40959",
        "--config-net -l /nosuch/log => /nosuch/log",
        "--no-copy-addrs => --no-copy-addrs needs --config-net",
        "--no-copy-routes => --no-copy-routes needs --config-net",
        "--no-splice --splice-only => --no-splice contradicts --splice-only",
        "--no-splice --host-lo-to-ns-lo => --no-splice contradicts --host-lo-to-ns-lo",
        "--netns name => both --netns and a PID or command given",
        "-t 65536 => -t: invalid port specifier '65536'",
        "-t 22 -t none => -t",
        "-T lo/22 => -T",
        "-D nonsense => nonsense",
        "-S a..b => a..b",
        "--fqdn a..b => a..b",
        "-s x => option -s is for passt only",
        "-1 => option -1 is for passt only",
        "--no-dhcp-dns => option --no-dhcp-dns is for passt only",
        "-c x => option -c is not supported yet",
        "--vhost-user => option --vhost-user is not supported yet"})
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

    /** What is printed is a line, whatever somebody puts into a value. */
    @ParameterizedTest
    @ValueSource(strings = {"-m", "-a", "-t", "-I", "--runas", "--userns", "-M", "--fqdn"})
    void aHostileValueIsOneLine(String option) {
        for (var value : new String[] {"a\nb\u001b[2J", "x".repeat(100_000)}) {
            var error = lab.pasta("--config-net", option, value).run("true").oneLineError();
            assertTrue(error.length() <= 520, error);
            assertTrue(error.chars().noneMatch(Character::isISOControl), error);
        }
    }

    @Test
    void aPidNamespaceIsForACommand() {
        assertNames(lab.pasta("--no-pidns", "--netns", "x").run(), "--no-pidns");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-F 2 => 2", "-F x => invalid descriptor: x", "-s /nosuch/socket => /nosuch/socket",
        "--config-net => option --config-net is for pasta only",
        "-T 22 => option -T is for pasta only",
        "--no-pidns => option --no-pidns is for pasta only",
        "-t auto => auto"})
    void passtNamesABadValueToo(String line) {
        var parts = line.split(" => ");
        var options = ("-D none " + parts[0]).split(" ");
        assertNames(lab.passt(options).run(), parts[1]);
    }

    @Test
    void passtTakesNoOperand() {
        var outcome = lab.passt("-f", "12").run();
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().startsWith("passt: extra non-option argument: 12\n"),
                outcome::toString);
    }

    @Test
    void aMissingArgumentIsNamedBeforeTheUsage() {
        var outcome = lab.pasta("--config-net", "-a").run();
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().lines().findFirst().orElse("").contains("a"), outcome::toString);
    }

    @Test
    void aMissingProcIsNamed() {
        assertNames(lab.pasta().asRoot().startInstead("unshare", "-m", "sh", "-c",
                "umount -l /proc; exec \"$@\"", "sh", Pasta.program().toString(), "--version")
                .finish(), "/proc");
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
