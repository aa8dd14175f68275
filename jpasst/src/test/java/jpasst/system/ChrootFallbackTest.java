// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * {@code --chroot-fallback} where the kernel refuses to exchange the root. It does so in an initial
 * RAM disk, and also for a root directory whose mount lies on one that is shared (pivot_root(2)),
 * which is what this test makes: the whole file system once more, and chroot(8).
 */
@Order(Integer.MAX_VALUE - 76)
class ChrootFallbackTest {
    private static final String ENTER_ROOT = """
            place=$1; shift
            mkdir $place; mount -t tmpfs none $place; mount --make-shared $place
            mkdir $place/root; mount --rbind / $place/root
            exec chroot $place/root "$@"
            """;

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
    void withoutItNothingStarts() {
        var outcome = start("without");
        assertEquals(1, outcome.exitCode(), outcome::toString);
        var last = outcome.err().strip().lines().toList().getLast();
        assertTrue(last.contains("pivot_root") && last.contains("--chroot-fallback"), last);
    }

    @Test
    void withItNoFileIsInSight() {
        var outcome = start("with", "--chroot-fallback");
        assertEquals(0, outcome.exitCode(), outcome::toString);
        try (var daemon = Daemon.of(pidFile("with"))) {
            var confined = new Confinement(daemon.pid());
            confined.checkRoot();
            assertEquals("2", confined.status("" + daemon.pid(), "Seccomp"));
        }
    }

    private static Outcome start(String name, String... options) {
        var target = lab.namespace(name).name();
        var all = new ArrayList<>(List.of("--config-net", "-q", "-P", pidFile(name).toString(),
                "--netns", "/run/netns/" + target));
        all.addAll(List.of(options));
        var pasta = lab.pasta(all.toArray(String[]::new)).asRoot();
        var line = new ArrayList<>(List.of("sh", "-ec", ENTER_ROOT, "sh",
                lab.directory().resolve(name + ".place").toString()));
        line.addAll(pasta.withProgram());
        return pasta.startInstead(line.toArray(String[]::new)).finishWithPipes();
    }

    private static Path pidFile(String name) {
        return lab.directory().resolve(name + ".fallback.pid");
    }
}
