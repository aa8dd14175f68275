// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The scene of a whole-program test: namespaces "host" and "world", joined by a veth pair, with
 * documentation addresses of both families, and a temporary directory for the unprivileged user.
 * Needs root. Names hold this JVM's process id; leftovers of JVMs that are gone are removed first.
 */
final class Lab implements AutoCloseable {
    /** The user who runs pasta: no account, and this JVM's alone, so that all his is ours. */
    static final String USER = Long.toString(1_000_000 + ProcessHandle.current().pid());
    static final String INTERFACE = "eth0";
    static final String HOST_V4 = "192.0.2.10";
    static final String HOST_V6 = "2001:db8:1::10";
    /** World's addresses as the host's default gateway. */
    static final String GATEWAY_V4 = "192.0.2.1";
    static final String GATEWAY_V6 = "2001:db8:1::1";
    /** World's addresses for servers: on the same link as the host. */
    static final String SERVER_V4 = "192.0.2.2";
    static final String SERVER_V6 = "2001:db8:1::2";

    private static final String PREFIX = "jpasst-";
    /** Counts the labs of this JVM, for names only. */
    private static final AtomicInteger LABS = new AtomicInteger();

    private final List<AutoCloseable> cleanups = new ArrayList<>();
    private final Thread atExit = new Thread(this::cleanUp);
    private final String label = PREFIX + ProcessHandle.current().pid() + "-"
            + LABS.incrementAndGet();
    private final Path directory;
    private final NetworkNamespace host;
    private final NetworkNamespace world;

    private Lab() throws IOException {
        Runtime.getRuntime().addShutdownHook(atExit);
        directory = Files.createTempDirectory(PREFIX);
        cleanups.add(() -> Tool.run("rm", "-rf", directory.toString()));
        host = namespace("host");
        world = namespace("world");
        join();
        host.sysctl("net/ipv4/ping_group_range", "0 2147483647");
        setUpDirectory();
    }

    /** Builds a lab; whatever fails on the way is cleaned up again. */
    static Lab open() {
        if (!"root".equals(System.getProperty("user.name")))
            throw new AssertionError("the whole-program tests make namespaces: run them as root");
        removeLeftovers();
        try {
            return new Lab();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where pasta runs. */
    NetworkNamespace host() {
        return host;
    }

    /** Where servers run. */
    NetworkNamespace world() {
        return world;
    }

    /** A directory which the unprivileged user may read and write; his home. */
    Path directory() {
        return directory;
    }

    /** Makes a further namespace, removed with the lab. */
    NetworkNamespace namespace(String role) {
        var made = new NetworkNamespace(label + "-" + role);
        cleanups.add(made);
        for (var scope : List.of("default", "all"))
            made.sysctl("net/ipv6/conf/" + scope + "/accept_dad", "0");
        made.sysctl("net/ipv4/tcp_congestion_control", "reno");
        made.run("ip", "link", "set", "lo", "up");
        return made;
    }

    /** Joins two namespaces by a veth pair, both ends up, without addresses. */
    void link(NetworkNamespace one, String oneName, NetworkNamespace other, String otherName) {
        Tool.run("ip", "link", "add", oneName, "netns", one.name(), "type", "veth",
                "peer", "name", otherName, "netns", other.name());
        one.run("ip", "link", "set", oneName, "up");
        other.run("ip", "link", "set", otherName, "up");
    }

    /** The command which runs one of the Python programs among the test resources. */
    String[] python(String script, Object... arguments) {
        var command = new ArrayList<>(List.of("python3", copyOf(script).toString()));
        for (var argument : arguments)
            command.add(argument.toString());
        return command.toArray(String[]::new);
    }

    /** pasta with these options, to be run in "host" as the unprivileged user. */
    Pasta pasta(String... options) {
        return new Pasta(this, Pasta.program(), List.of(options));
    }

    /** passt with these options, to be run in "host" as the unprivileged user. */
    Pasta passt(String... options) {
        return new Pasta(this, Pasta.passt(), List.of(options));
    }

    /** pasta with {@code --config-net} and these options, and inside it nothing but the tests. */
    Guest guest(String... options) {
        var all = new ArrayList<>(List.of("--config-net"));
        all.addAll(List.of(options));
        return new Guest(pasta(all.toArray(String[]::new)).start(Guest.WAIT));
    }

    /** Processes of the unprivileged user, in whichever namespaces; zombies do not count. */
    List<ProcessHandle> userProcesses() {
        return ProcessHandle.allProcesses().filter(Lab::isUsers).toList();
    }

    /** A resource of this package as a file which the unprivileged user may read and execute. */
    Path copyOf(String resource) {
        var copy = directory.resolve(resource);
        if (Files.exists(copy)) return copy;
        try (var in = Lab.class.getResourceAsStream(resource)) {
            if (in == null) throw new AssertionError("no test resource " + resource);
            Files.copy(in, copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            return copy;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        cleanUp();
    }

    private void join() {
        link(host, INTERFACE, world, "world0");
        host.run("ip", "address", "add", HOST_V4 + "/24", "dev", INTERFACE);
        host.run("ip", "address", "add", HOST_V6 + "/64", "dev", INTERFACE, "nodad");
        for (var address : List.of(GATEWAY_V4, SERVER_V4))
            world.run("ip", "address", "add", address + "/24", "dev", "world0");
        // The kernel's own messages come from the address added first (IPv4) or last (IPv6).
        for (var address : List.of(SERVER_V6, GATEWAY_V6))
            world.run("ip", "address", "add", address + "/64", "dev", "world0", "nodad");
        host.run("ip", "route", "add", "default", "via", GATEWAY_V4);
        host.run("ip", "-6", "route", "add", "default", "via", GATEWAY_V6);
    }

    private void setUpDirectory() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(directory.resolve("resolv.conf"), "nameserver " + SERVER_V4 + "\n");
        copyOf("enter.sh");
    }

    private void cleanUp() {
        userProcesses().forEach(ProcessHandle::destroyForcibly);
        for (var cleanup : cleanups.reversed()) {
            try {
                cleanup.close();
            } catch (Exception | AssertionError failure) {
                System.err.println("lab: " + failure);
            }
        }
        cleanups.clear();
    }

    private static boolean isUsers(ProcessHandle process) {
        try {
            var status = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
            return status.stream().anyMatch(line -> line.startsWith("Uid:\t" + USER + "\t"))
                    && status.stream().noneMatch(line -> line.startsWith("State:\tZ"));
        } catch (IOException gone) {
            return false;
        }
    }

    /** Removes namespaces of test JVMs which were killed before they could. */
    private static void removeLeftovers() {
        for (var line : Tool.run("ip", "netns", "list").split("\n")) {
            var name = line.split(" ")[0];
            if (!name.matches(PREFIX + "[0-9]+-.*")) continue;
            long owner = Long.parseLong(name.split("-")[1]);
            if (ProcessHandle.of(owner).isEmpty()) Tool.run("ip", "netns", "del", name);
        }
    }
}
