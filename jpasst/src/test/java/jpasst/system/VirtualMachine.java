// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A virtual machine: QEMU, in the lab's "host" and as its unprivileged user, emulating each
 * instruction of a Debian kernel and a few programs. It has 384 MiB and one processor.
 *
 * <p>Its network card is plugged in while it runs, and out again, so that one boot serves many
 * tests; "eth0" is what the guest calls each of them. Shell scripts run in it one at a time, asked
 * for over a serial port of its own; what is to go on meanwhile is started by {@link #background}.
 * Not for several threads at once.
 */
final class VirtualMachine implements AutoCloseable {
    /** The MAC address of its card. */
    static final String MAC = "52:54:00:12:34:56";

    private static final String QEMU = "qemu-system-x86_64";
    /** On an idle machine three seconds. */
    private static final Duration BOOT = Duration.ofSeconds(90);
    private static final Duration SCRIPT = Duration.ofSeconds(30);
    /** What an answer may take beyond the time limit of its script. */
    private static final Duration AGENT = Duration.ofSeconds(20);

    private final Path console;
    private final Running qemu;
    private final Monitor monitor;
    private final Set<String> boots = new HashSet<>();
    private int requests;

    private VirtualMachine(Lab lab) {
        var image = MachineImage.get();
        console = lab.directory().resolve("console-" + System.nanoTime());
        var control = lab.directory().resolve("monitor-" + System.nanoTime());
        qemu = lab.passt().startInstead(QEMU, "-nodefaults", "-no-user-config",
                "-display", "none", "-accel", "tcg,tb-size=128", "-cpu", "Nehalem,+rdrand",
                "-m", "384", "-kernel", image.kernel().toString(),
                "-initrd", image.initramfs().toString(),
                "-append", "console=ttyS0 mitigations=off no_timer_check loglevel=5",
                "-serial", "file:" + console, "-qmp", "unix:" + control + ",server=on,wait=off",
                "-device", "virtio-serial-pci", "-chardev", "stdio,id=agent,signal=off",
                "-device", "virtserialport,chardev=agent");
        try {
            Patience.until("monitor of QEMU", BOOT,
                    () -> Files.exists(control) || !qemu.isAlive());
            if (!qemu.isAlive()) throw new AssertionError(qemu.errors());
            monitor = new Monitor(control);
            awaitBoot();
        } catch (RuntimeException | AssertionError failure) {
            qemu.close();
            throw failure;
        }
    }

    /** Starts a machine without a network card, and waits until it does what it is told. */
    static VirtualMachine boot(Lab lab) {
        return new VirtualMachine(lab);
    }

    /** Connects to passt's socket and plugs in a card which leads there; the card is down. */
    void plug(Path socket) {
        plug(socket, "");
    }

    /** As {@link #plug(Path)}, but it connects again, ten times a second, when passt is gone. */
    void plugReconnecting(Path socket) {
        plug(socket, ", \"reconnect-ms\": 100");
    }

    /** Whether this QEMU can do {@link #plugReconnecting}. */
    static boolean canReconnect() {
        var version = Tool.run(QEMU, "--version").replaceFirst("(?s).*?version ", "").split("\\.");
        int major = Integer.parseInt(version[0]);
        return major > 9 || major == 9 && Integer.parseInt(version[1]) >= 2;
    }

    /** Takes the card out and closes the connection to passt. */
    void unplug() {
        monitor.execute("device_del", "\"id\": \"card\"");
        monitor.awaitEvent("DEVICE_DELETED", "\"device\": \"card\"");
        monitor.execute("netdev_del", "\"id\": \"net\"");
    }

    /** Takes the cable off the card, or puts it back. */
    void link(boolean up) {
        monitor.execute("set_link", "\"name\": \"card\", \"up\": " + up);
    }

    /** Presses the reset button and waits until the machine is there again. */
    void reset() {
        monitor.execute("system_reset", "");
        awaitBoot();
    }

    /** Kills QEMU by SIGKILL. */
    void kill() {
        qemu.signal("KILL");
        Patience.until("end of QEMU", SCRIPT, () -> !qemu.isAlive());
    }

    /** Runs a shell script of at most 30 s; its output is that of both streams. */
    Outcome run(String script) {
        return run(SCRIPT, script);
    }

    /** The same with a limit of its own, after which the script is killed. */
    Outcome run(Duration limit, String script) {
        var id = ++requests + " ";
        var encoded = Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8));
        qemu.type(id + limit.toSeconds() + " " + encoded);
        var answer = awaitLine(limit.plus(AGENT), l -> l.startsWith(id))
                .substring(id.length()).split(" ", 2);
        var output = new String(Base64.getDecoder().decode(answer.length < 2 ? "" : answer[1]),
                StandardCharsets.UTF_8);
        return new Outcome(Integer.parseInt(answer[0]), output, "");
    }

    /** Runs a script which must succeed, and returns its output without the last line break. */
    String ok(String script) {
        return run(script).ok();
    }

    /** Starts a script which goes on by itself, its output in {@code /run/NAME}. */
    void background(String name, String script) {
        run("setsid sh -c '" + script.replace("'", "'\\''") + "' >/run/" + name + " 2>&1 &").ok();
    }

    /** Waits until a script succeeds, trying it again and again, and returns its output. */
    String until(Duration limit, String script) {
        var last = new Outcome[1];
        try {
            Patience.until(script, limit, () -> (last[0] = run(script)).exitCode() == 0);
        } catch (AssertionError tooLate) {
            throw new AssertionError(tooLate.getMessage() + "\n" + last[0]);
        }
        return last[0].ok();
    }

    /** Sets the card up and asks for a lease, as a guest does when it starts. */
    void configure() {
        ok("ip link set eth0 up && udhcpc -i eth0 -s /etc/udhcpc.sh -n -q -f -t 8 -T 2"
                + " -O mtu -O search -O staticroutes -x hostname:asked");
        until(SCRIPT, "ip -6 route show default | grep -q via"
                + " && ip -6 address show dev eth0 scope global | grep -v tentative | grep inet6");
    }

    @Override
    public void close() {
        monitor.close();
        qemu.close();
    }

    private void plug(Path socket, String more) {
        monitor.execute("netdev_add", "\"type\": \"stream\", \"id\": \"net\", \"server\": false, "
                + "\"addr\": {\"type\": \"unix\", \"path\": \"" + socket + "\"}" + more);
        monitor.execute("device_add", "\"driver\": \"virtio-net-pci\", \"id\": \"card\", "
                + "\"netdev\": \"net\", \"mac\": \"" + MAC + "\"");
        until(SCRIPT, "test -e /sys/class/net/eth0");
    }

    private void awaitBoot() {
        boots.add(awaitLine(BOOT, l -> l.startsWith("ready ") && !boots.contains(l)));
    }

    private String awaitLine(Duration limit, Predicate<String> fits) {
        try {
            return qemu.awaitLine(limit, fits);
        } catch (AssertionError failure) {
            throw new AssertionError(failure.getMessage() + "\n-- console:\n" + consoleEnd());
        }
    }

    private String consoleEnd() {
        try {
            var lines = List.of(Files.readString(console, StandardCharsets.ISO_8859_1).split("\n"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException failure) {
            return failure.toString();
        }
    }
}
