// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * What a running program is confined to, in each way to start it. The table is in docs/security.md,
 * with what differs from the original.
 */
@Order(Integer.MAX_VALUE - 94)
class SandboxTest {
    private static final List<String> ALWAYS = List.of("mnt", "ipc", "uts");
    private static final long BIND = 1 << 10;
    private static final long ADMIN = 1 << 21;
    private static final long NET_ADMIN = 1 << 12;
    private static final long PTRACE = 1 << 19;
    private static final long SETPCAP = 1 << 8;
    private static final long PASST = ADMIN;
    private static final long JOINED = ADMIN | NET_ADMIN | BIND | PTRACE;
    private static final long COMMAND = JOINED | SETPCAP;
    private static final String FULL = "000001ffffffffff";

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void passtInTheForeground() {
        try (var passt = Passt.start(lab, "front.socket")) {
            var confined = new Confinement(passt.process().pid());
            check(confined, List.of("user"), PASST, 0);
            confined.checkNothingToInherit();
            assertEquals("0 " + Lab.USER + " 1", confined.userMap());
            assertEquals("" + confined.pid(), confined.processIds());
        }
    }

    @Test
    void passtInTheBackground() throws IOException {
        var confined = background(lab.passt("-s", lab.directory() + "/back.socket",
                "-P", pidFile("back").toString()), "back");
        check(confined, List.of("user", "pid"), PASST, 0);
        confined.checkNothingToInherit();
        assertEquals("0 " + Lab.USER + " 1", confined.userMap());
        assertEquals(confined.pid() + " 1", confined.processIds());
        end(confined);
    }

    @Test
    void pastaForAProcess() throws IOException {
        try (var target = target()) {
            var confined = background(lab.pasta("--config-net", "-P",
                    pidFile("process").toString(), "" + target.pid()), "process");
            check(confined, List.of("user", "pid"), JOINED, BIND);
            confined.checkNothingToInherit();
            assertEquals(Confinement.namespace(target.pid(), "user"),
                    Confinement.namespace(confined.pid(), "user"));
            assertEquals(confined.pid() + " 1", confined.processIds());
            end(confined);
        }
    }

    /** As Podman calls it: as root of a user namespace, which is to be left as it is. */
    @Test
    void pastaForANamespaceByRootOfAUserNamespace() throws IOException {
        var bound = lab.directory().resolve("bound").toString();
        var script = "touch " + bound + " && unshare --net=" + bound + " true && "
                + String.join(" ", lab.pasta("--config-net", "-q", "--netns", bound, "-P",
                        pidFile("bound").toString()).withProgram())
                + "; echo status $?; exec sleep 100";
        try (var caller = lab.pasta().startInstead("unshare", "-Urm", "sh", "-c", script)) {
            assertEquals("0", caller.awaitLine("status "));
            var confined = new Confinement(readPid("bound"));
            check(confined, List.of("pid"), JOINED, BIND);
            confined.checkNothingToInherit();
            assertEquals(Confinement.namespace(caller.pid(), "user"),
                    Confinement.namespace(confined.pid(), "user"));
            end(confined);
        }
    }

    @Test
    void pastaWithACommand() {
        try (var guest = lab.guest()) {
            var confined = new Confinement(guest.pasta().pid());
            Patience.until("the sandbox is there", Duration.ofSeconds(10),
                    () -> confined.status("" + confined.pid(), "Seccomp").equals("2"));
            check(confined, List.of("user"), COMMAND, BIND);
            assertEquals("0 " + Lab.USER + " 1", confined.userMap());
            assertEquals("" + confined.pid(), confined.processIds());
        }
    }

    @Test
    void theCommandIsNotConfined() {
        var said = lab.pasta("--config-net").run("sh", "-c",
                "cat /proc/self/status; ls -d /etc; mount -t tmpfs none /mnt && echo mounted").ok();
        for (var line : List.of("CapPrm:\t" + FULL, "CapEff:\t" + FULL, "CapBnd:\t" + FULL,
                "CapInh:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t0",
                "Seccomp:\t0", "/etc", "mounted")) {
            assertTrue(said.lines().anyMatch(line::equals), () -> line + " missing in\n" + said);
        }
    }

    @Test
    void startedAsRoot() throws IOException {
        var nobody = "65534\t65534\t65534\t65534";
        var passt = background(lab.passt("-s", lab.directory() + "/root.socket", "-P",
                pidFile("root").toString()).asRoot(), "root");
        check(passt, List.of("user", "pid"), PASST, 0);
        assertEquals(nobody, passt.status("" + passt.pid(), "Uid"));
        assertEquals(nobody, passt.status("" + passt.pid(), "Gid"));
        assertEquals("0 65534 1", passt.userMap());
        end(passt);

        var name = "jpasst-" + ProcessHandle.current().pid() + "-sandbox";
        Tool.run("ip", "netns", "add", name);
        try {
            var pasta = background(lab.pasta("--config-net", "--netns", name, "-P",
                    pidFile("rooted").toString()).asRoot(), "rooted");
            check(pasta, List.of("pid"), JOINED, BIND);
            assertEquals(nobody, pasta.status("" + pasta.pid(), "Uid"));
            end(pasta);
        } finally {
            Tool.run("ip", "netns", "del", name);
        }
    }

    private static void check(Confinement confined, List<String> own, long most, long loop) {
        long other = ProcessHandle.current().pid();
        confined.checkThreads(most, loop);
        confined.checkRoot();
        confined.checkDescriptors();
        confined.checkNamespaces(ALWAYS, List.of("cgroup"), other);
        confined.checkNamespaces(own, List.of(), other);
        assertEquals("net:[" + Tool.run("stat", "-L", "-c", "%i",
                "/run/netns/" + lab.host().name()).strip() + "]",
                Confinement.namespace(confined.pid(), "net"));
    }

    private static Running target() {
        var target = lab.pasta()
                .startInstead("unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 120");
        target.awaitLine("ready");
        return target;
    }

    private static Path pidFile(String name) {
        return lab.directory().resolve(name + ".sandbox.pid");
    }

    private static long readPid(String name) throws IOException {
        return Long.parseLong(Files.readString(pidFile(name)).strip());
    }

    private static Confinement background(Pasta program, String name) throws IOException {
        var outcome = program.run();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        return new Confinement(readPid(name));
    }

    private static void end(Confinement confined) {
        var process = ProcessHandle.of(confined.pid()).orElseThrow();
        process.destroy();
        Patience.until("SIGTERM ends it", Duration.ofSeconds(10), () -> !process.isAlive());
    }
}
