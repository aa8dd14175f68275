# SPDX-License-Identifier: Apache-2.0
"""The contenders of bench/system, each with the paths on which it is measured.

A scene is a name from SCENES: what runs where, and which ways lead through a contender.
"""
import itertools
import os
import pathlib
import subprocess
import time

from path import Path
from stage import HOST, run

TICKS = os.sysconf("SC_CLK_TCK")
LIFETIME_S = 7200
ANY = {4: "0.0.0.0", 6: "::"}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}

# The paths of each scene.
SCENES = {"outbound": ("outbound",), "inbound": ("inbound",),
          "splice": ("splice in", "splice out"), "passt": ("passt", "passt in"),
          "bbr": ("bbr outbound", "bbr inbound", "bbr splice in", "bbr splice out"),
          "bbr passt": ("bbr passt", "bbr passt in")}
PORTS = 64              # for each contender and direction: loads take them in turn

# Both do the same work: by default the original also scans ports each second, to forward them.
NO_FORWARDING = ("-t", "none", "-u", "none", "-T", "none", "-U", "none")


class PortRange:
    """Ports of one contender and direction: on the host, contenders stand side by side."""

    def __init__(self, place):
        self.first = 20000 + place * PORTS
        self.last = self.first + PORTS - 1
        self.text = f"{self.first}-{self.last}"
        self.ports = itertools.cycle(range(self.first, self.last + 1))


class Subject:
    """What all contenders share: processes whose CPU time counts, and paths."""

    def __init__(self, stage, name, scene, place):
        self.stage, self.name, self.scene, self.pids = stage, name, scene, []
        self.inside = None
        self.inward, self.outward = PortRange(2 * place), PortRange(2 * place + 1)
        self.paths = {}

    def add_paths(self, inside, *absent):
        """`inside` is the prefix of commands in the namespace behind this contender, `absent` the
        ways that do not lead through it."""
        stage, host = self.stage, self.stage.inside(self.stage.host)
        world, family = stage.inside(stage.world), stage.family
        into, out = self.inward.ports, self.outward.ports
        ways = {
            **dict.fromkeys(("outbound", "passt"),
                            (inside, world, stage.server, stage.server, out)),
            **dict.fromkeys(("inbound", "passt in"),
                            (world, inside, ANY[family], HOST[family], into)),
            "splice in": (host, inside, ANY[family], LOOPBACK[family], into),
            "splice out": (inside, host, LOOPBACK[family], LOOPBACK[family], out),
        }
        self.inside = inside
        self.paths = {name: Path(stage, *ways[way]) for name in SCENES[self.scene]
                      if (way := name.removeprefix("bbr ")) not in absent}

    def set_congestion(self, side, algorithm):
        """For connections to come; those of all contenders, if not on the guest's side."""
        for prefix in [self.inside] if side == "guest" else self.outside():
            self.stage.set_congestion(prefix, algorithm)

    def outside(self):
        """The prefixes of all namespaces that are on the host's side."""
        return map(self.stage.inside, (self.stage.host, self.stage.world))

    def cpu_seconds(self):
        """CPU time of the forwarding processes, all threads, user and system."""
        total = 0
        for pid in self.pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def compiler_seconds(self):
        """What a compiler at run time has used of it so far; none, if there is no process."""
        total = 0
        for pid in self.pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                name, _, fields = (task / "stat").read_text().rpartition(")")
                if "Compiler" in name:
                    total += sum(map(int, fields.split()[11:13]))
        return total / TICKS if self.pids else None

    def close(self):
        for path in self.paths.values():
            path.close()


class Bare(Subject):
    """Nothing between: both ends of inbound and outbound are in world and host themselves."""

    def __init__(self, stage, scene, place):
        super().__init__(stage, "bare", scene, place)
        # Splice out would be the same as splice in: one loopback, both of whose ends are one side.
        self.add_paths(stage.inside(stage.host), "splice out",
                       *(("splice in",) if scene == "bbr" else ()))

    def outside(self):
        return [self.stage.inside(self.stage.world)]


class Relay(Subject):
    """The minimal C relays, TCP and UDP, in and out, between the host and a namespace."""

    def __init__(self, stage, scene, place):
        super().__init__(stage, "relay", scene, place)
        self.processes = []
        try:
            for program in ("splice-relay", "datagram-relay"):
                self.start(program, stage.host, stage.relay, self.inward)
                self.start(program, stage.relay, stage.host, self.outward)
        except BaseException:
            self.close()
            raise
        self.add_paths(stage.inside(stage.relay), "outbound", "inbound")

    def start(self, program, listening, connecting, ports):
        command = [*self.stage.inside(listening), str(self.stage.directory / program),
                   f"/run/netns/{connecting}", LOOPBACK[self.stage.family],
                   str(ports.first), str(ports.last)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   text=True)
        self.processes.append(process)
        self.pids.append(process.pid)
        if process.stdout.readline().strip() != "ready":
            raise SystemExit(f"bench: {program} does not start")

    def close(self):
        super().close()
        for process in self.processes:
            process.kill()
            process.wait()


class Pasta(Subject):
    """A pasta with a sleeping command, in whose network namespace commands can be run."""

    def __init__(self, stage, name, program, scene, place, *options):
        super().__init__(stage, name, scene, place)
        command = stage.as_user_in_host(place, program, "--config-net", *self.forwarding(),
                                        *options, "--", "sleep", LIFETIME_S)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.pids = [self.process.pid]
        try:
            inside = ["nsenter", "-t", str(self.find_command()), "-n"]
            stage.tune(inside, "guest")
            self.await_network(inside)
        except BaseException:
            self.close()
            raise
        self.add_paths(inside)

    def forwarding(self):
        inward = () if self.scene == "outbound" else ("-t", self.inward.text,
                                                      "-u", self.inward.text)
        outward = ("-T", self.outward.text, "-U", self.outward.text) \
            if self.scene in ("splice", "bbr") else ()
        return (*(inward or NO_FORWARDING[:4]), *(outward or NO_FORWARDING[4:]))

    def pss_mib(self):
        """Proportional set size: its own pages, and its share of shared ones."""
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        for line in rollup.splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise SystemExit("bench: no Pss")

    def close(self):
        super().close()
        for process in [*self.descendants(), self.process.pid]:
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                pass
        self.process.wait()

    def descendants(self):
        found, todo = [], [self.process.pid]
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

    def await_network(self, inside):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if HOST[4] in run(*inside, "ip", "address"):
                return
            time.sleep(0.02)
        raise SystemExit(f"bench: {self.name} brings no address")
