# SPDX-License-Identifier: Apache-2.0
"""The stage of bench/system: a host and a world namespace, and the subjects to be compared.

Everything lives in network namespaces made here and removed at the end; the one thing touched
outside is the list of allowed congestion controls, which is put back.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

HOST = {4: "192.0.2.10", 6: "2001:db8:1::10"}
GATEWAY = {4: "192.0.2.1", 6: "2001:db8:1::1"}  # the host's loopback to a guest: never the peer
SERVER = {4: "198.51.100.2", 6: "2001:db8:2::2"}
USER = "1000001"        # no account anywhere
ALLOWED = pathlib.Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
TICKS = os.sysconf("SC_CLK_TCK")

# In a mount namespace of its own: a tap device that the unprivileged user may open.
ENTER = """mount -t tmpfs -o mode=755 none /dev/net && mknod -m 666 /dev/net/tun c 10 200 &&
exec setpriv --reuid {0} --regid {0} --clear-groups env -i PATH="$PATH" HOME="$0" \
    ${{JAVA_HOME:+JAVA_HOME="$JAVA_HOME"}} "$@"
""".format(USER)


def run(*command, timeout=60, check=True, **more):
    """Runs a program to its end and returns its standard output."""
    done = subprocess.run([str(word) for word in command], timeout=timeout, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, **more)
    if check and done.returncode:
        raise SystemExit(f"bench: {' '.join(map(str, command))}: exit code {done.returncode}\n"
                         f"{done.stdout}{done.stderr}")
    return done.stdout


class Stage:
    """Host and world, joined by veth pairs; `with Stage(congestion, family, routers) as stage`.

    Each router between them is one more namespace: a few microseconds of distance.
    """

    def __init__(self, congestion, family, routers):
        self.congestion, self.server = congestion, SERVER[family]
        roles = ["host", *(f"router{i}" for i in range(routers)), "world"]
        self.namespaces = [f"jpasst-bench-{os.getpid()}-{role}" for role in roles]
        self.host, self.world = self.namespaces[0], self.namespaces[-1]
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="jpasst-bench-"))
        self.directory.chmod(0o755)
        self.home = self.directory / "home"
        self.home.mkdir(mode=0o777)
        self.home.chmod(0o777)
        self.peer = self.directory / "peer"
        self.allowed_before = None
        self.servers = []

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
        for namespace in self.namespaces:
            run("ip", "netns", "del", namespace, check=False)
        if self.allowed_before is not None:
            ALLOWED.write_text(self.allowed_before)
        shutil.rmtree(self.directory)

    def set_up(self):
        source = pathlib.Path(__file__).with_name("peer.c")
        run("gcc", "-O2", "-o", self.peer, source)
        self.allow_congestion_control()
        for namespace in self.namespaces:
            run("ip", "netns", "add", namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
            run("ip", "netns", "exec", namespace, "sysctl", "-qw",
                "net.ipv6.conf.default.accept_dad=0", "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.forwarding=1")
            self.tune(["ip", "netns", "exec", namespace])
        for i in range(len(self.namespaces) - 1):
            self.join(i)
        for family, server in SERVER.items():
            run("ip", f"-{family}", "-n", self.world, "address", "add", server, "dev", "lo")

    def join(self, i):
        """Links a namespace (eth0) to the next one (eth1), with routes in both directions."""
        near, far = self.namespaces[i:i + 2]
        run("ip", "link", "add", "eth0", "netns", near, "type", "veth",
            "peer", "name", "eth1", "netns", far)
        for namespace, device in ((near, "eth0"), (far, "eth1")):
            run("ip", "-n", namespace, "link", "set", device, "up")
        for family, length in ((4, 24), (6, 64)):
            here, there = HOST[family], GATEWAY[family]
            if i:
                here, there = (f"10.9.{i}.{n}" if family == 4 else f"2001:db8:9:{i}::{n}"
                               for n in (10, 1))
            for namespace, address, device in ((near, here, "eth0"), (far, there, "eth1")):
                run("ip", f"-{family}", "-n", namespace, "address", "add", f"{address}/{length}",
                    "dev", device, *(("nodad",) if family == 6 else ()))
            run("ip", f"-{family}", "-n", near, "route", "add", "default", "via", there)
            if i:
                run("ip", f"-{family}", "-n", far, "route", "add", HOST[family], "via", here)

    def tune(self, prefix):
        """The same settings for every namespace that a connection begins or ends in."""
        for key, value in (("net.ipv4.tcp_congestion_control", self.congestion),
                           ("net.ipv4.ip_local_port_range", "1024 65535")):
            run(*prefix, "sysctl", "-qw", f"{key}={value}")

    def allow_congestion_control(self):
        allowed = ALLOWED.read_text()
        if self.congestion not in allowed.split():
            self.allowed_before = allowed
            ALLOWED.write_text(f"{allowed.strip()} {self.congestion}")

    def in_world(self, *command):
        return ["ip", "netns", "exec", self.world, *map(str, command)]

    def as_user_in_host(self, *command):
        return ["ip", "netns", "exec", self.host, "sh", "-c", ENTER, str(self.home),
                *map(str, command)]

    def serve(self, action, port, *arguments):
        """Starts one of peer's servers in the world; it is killed by its id in the end."""
        server = subprocess.Popen(self.in_world(self.peer, action, self.server, port, *arguments),
                                  stdout=subprocess.PIPE, text=True)
        self.servers.append(server)
        if server.stdout.readline().strip() != "ready":
            raise SystemExit(f"bench: the server for {action} does not start")
        return server


class Bare:
    """No pasta: the client runs in the host namespace itself."""
    name = "bare"

    def __init__(self, stage):
        self.prefix = ["ip", "netns", "exec", stage.host]

    def client(self, *command, timeout=60):
        return run(*self.prefix, *command, timeout=timeout)

    def cpu_seconds(self):
        return 0.0

    def close(self):
        pass


# Both do the same work: by default the original also scans ports each second, to forward them.
NO_FORWARDING = ("-t", "none", "-u", "none", "-T", "none", "-U", "none")


class Pasta:
    """A pasta with a sleeping command; clients are run in that command's network namespace."""

    def __init__(self, stage, name, program, *options):
        self.name = name
        command = stage.as_user_in_host(program, "--config-net", *NO_FORWARDING, *options,
                                        "--", "sleep", "3600")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.prefix = ["nsenter", "-t", str(self.find_command()), "-n"]
        stage.tune(self.prefix)
        self.await_network()

    def client(self, *command, timeout=60):
        return run(*self.prefix, *command, timeout=timeout)

    def cpu_seconds(self):
        """CPU time of the process, all threads, user and system."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def pss_mib(self):
        """Proportional set size: its own pages, and its share of shared ones."""
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise SystemExit("bench: no Pss")

    def close(self):
        for process in [*self.descendants(), self.pid]:
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                pass
        self.process.wait()

    def descendants(self):
        found, todo = [], [self.pid]
        while todo:
            try:
                for children in pathlib.Path(f"/proc/{todo.pop()}/task").glob("*/children"):
                    todo += (new := [int(pid) for pid in children.read_text().split()])
                    found += new
            except OSError:
                pass  # It ended meanwhile.
        return found

    def find_command(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            for pid in self.descendants():
                try:
                    if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "sleep":
                        return pid
                except OSError:
                    pass
            time.sleep(0.02)
        raise SystemExit(f"bench: {self.name} does not start its command")

    def await_network(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if HOST[4] in self.client("ip", "address"):
                return
            time.sleep(0.02)
        raise SystemExit(f"bench: {self.name} brings no address")
