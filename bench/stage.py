# SPDX-License-Identifier: Apache-2.0
"""The stage of bench/system: a host and a world namespace, and one for the relay to end in.

Everything lives in network namespaces made here and removed at the end; the one thing touched
outside is the list of allowed congestion controls, which is put back.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

HOST = {4: "192.0.2.10", 6: "2001:db8:1::10"}
GATEWAY = {4: "192.0.2.1", 6: "2001:db8:1::1"}  # the host's loopback to a guest: never the peer
SERVER = {4: "198.51.100.2", 6: "2001:db8:2::2"}
USER = 1000001          # The first contender's: no account anywhere, nor those that follow.
ALLOWED = pathlib.Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
AVAILABLE = pathlib.Path("/proc/sys/net/ipv4/tcp_available_congestion_control")
BBR = "bbr"
SIDES = ("guest", "host")    # what a pasta or passt makes a network for; all else
RESERVED = "20000-34999"    # ports of servers, forwarders, `peers`: nobody gets them by chance

# In a mount namespace of its own: a tap device that the unprivileged user may open.
ENTER = """mount -t tmpfs -o mode=755 none /dev/net && mknod -m 666 /dev/net/tun c 10 200 &&
user=$1
shift
exec setpriv --reuid "$user" --regid "$user" --clear-groups env -i PATH="$PATH" HOME="$0" \
    ${JAVA_HOME:+JAVA_HOME="$JAVA_HOME"} "$@"
"""


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

    `congestion` names the congestion control of each of SIDES. Each router between host and world
    is one more namespace: a few microseconds of distance.
    """

    def __init__(self, congestion, family, routers):
        self.congestion, self.family, self.server = congestion, family, SERVER[family]
        roles = ["host", *(f"router{i}" for i in range(routers)), "world"]
        self.namespaces = [f"jpasst-bench-{os.getpid()}-{role}" for role in roles]
        self.host, self.world = self.namespaces[0], self.namespaces[-1]
        self.relay = f"jpasst-bench-{os.getpid()}-relay"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="jpasst-bench-"))
        self.directory.chmod(0o755)
        self.home = self.directory / "home"
        self.home.mkdir(mode=0o777)
        self.home.chmod(0o777)
        self.peer = self.directory / "peer"
        self.allowed_before = None

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for namespace in [*self.namespaces, self.relay]:
            run("ip", "netns", "del", namespace, check=False)
        if self.allowed_before is not None:
            ALLOWED.write_text(self.allowed_before)
        shutil.rmtree(self.directory)

    def set_up(self):
        for program in ("peer", "splice-relay", "datagram-relay", "guest-relay"):
            run("gcc", "-O2", "-o", self.directory / program,
                pathlib.Path(__file__).with_name(f"{program}.c"))
        self.allow_congestion_control()
        for namespace in [*self.namespaces, self.relay]:
            run("ip", "netns", "add", namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
            run(*self.inside(namespace), "sysctl", "-qw",
                "net.ipv6.conf.default.accept_dad=0", "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.forwarding=1")
            self.tune(self.inside(namespace))
        for i in range(len(self.namespaces) - 1):
            self.join(i)
        for family, server in SERVER.items():
            run("ip", f"-{family}", "-n", self.world, "address", "add", server, "dev", "lo")
            self.prefer_source(family, server)

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

    def prefer_source(self, family, server):
        """Clients in the world have its servers' address too, not the one that is the gateway."""
        via = () if len(self.namespaces) == 2 else (
            "via", json.loads(run("ip", "-j", f"-{family}", "-n", self.world,
                                  "route", "get", HOST[family]))[0]["gateway"])
        run("ip", f"-{family}", "-n", self.world, "route", "replace", HOST[family], *via,
            "dev", "eth1", "src", server)

    def tune(self, prefix, side="host"):
        """The same settings for every namespace of a side that a connection begins or ends in."""
        self.set_congestion(prefix, self.congestion[side])
        for key, value in (("net.ipv4.ip_local_port_range", "1024 65535"),
                           ("net.ipv4.ip_local_reserved_ports", RESERVED)):
            run(*prefix, "sysctl", "-qw", f"{key}={value}")

    @staticmethod
    def set_congestion(prefix, algorithm):
        """For the connections to come of a namespace."""
        run(*prefix, "sysctl", "-qw", f"net.ipv4.tcp_congestion_control={algorithm}")

    def allow_congestion_control(self):
        self.allowed_before = ALLOWED.read_text()
        allowed = {*self.allowed_before.split(), *self.congestion.values(), BBR}
        ALLOWED.write_text(" ".join(allowed & set(AVAILABLE.read_text().split())))

    @staticmethod
    def inside(namespace):
        return ["ip", "netns", "exec", namespace]

    def as_user_in_host(self, place, *command):
        """Each contender's place is a user of its own: what one may have of pipes, and of much
        else, its user's processes have together."""
        return [*self.inside(self.host), "sh", "-c", ENTER, str(self.home), str(USER + place),
                *map(str, command)]
