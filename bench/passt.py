# SPDX-License-Identifier: Apache-2.0
"""A passt as a contender of bench/system, with what stands for its virtual machine."""
import subprocess
import time

from stage import GATEWAY, HOST, run
from subjects import Subject

PREFIX_LENGTH = {4: 24, 6: 64}
QUEUE_PACKETS = 10000   # A guest's queue fills before its socket does; none is to be lost there.


class Passt(Subject):
    """A passt, and a namespace whose tap device a relay connects to its socket.

    The CPU time is that of passt alone. The guest is set up by hand, as DHCP would do it.
    """

    def __init__(self, stage, name, program, scene, place, mtu):
        super().__init__(stage, name, scene, place)
        self.guest = f"{stage.host}-guest{place}"
        self.socket = stage.home / f"passt{place}.socket"
        ports = ("-t", self.inward.text, "-u", self.inward.text)
        self.processes = []
        try:
            self.make_guest(mtu)
            self.start(stage.as_user_in_host(place, program, "-f", "-q", "-s",
                                             self.socket, "-m", mtu, *ports))
            self.pids = [self.processes[0].pid]
            self.await_socket()
            relay = self.start([*stage.inside(self.guest), str(stage.directory / "guest-relay"),
                                str(self.socket), "eth0"], stdout=subprocess.PIPE, text=True)
            if relay.stdout.readline().strip() != "ready":
                raise SystemExit("bench: guest-relay does not start")
        except BaseException:
            self.close()
            raise
        self.add_paths(stage.inside(self.guest))

    def start(self, command, **more):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def make_guest(self, mtu):
        run("ip", "netns", "add", self.guest)
        self.stage.tune(self.stage.inside(self.guest), "guest")
        guest = ("ip", "-n", self.guest)
        run(*guest, "link", "set", "lo", "up")
        run(*guest, "tuntap", "add", "dev", "eth0", "mode", "tap")
        run(*guest, "link", "set", "eth0", "mtu", mtu, "txqueuelen", QUEUE_PACKETS, "up")
        for family, length in PREFIX_LENGTH.items():
            run("ip", f"-{family}", "-n", self.guest, "address", "add",
                f"{HOST[family]}/{length}", "dev", "eth0", *(("nodad",) if family == 6 else ()))
            run("ip", f"-{family}", "-n", self.guest, "route", "add", "default",
                "via", GATEWAY[family], "dev", "eth0")

    def await_socket(self):
        deadline = time.monotonic() + 20
        while not self.socket.exists():
            if time.monotonic() > deadline or self.processes[0].poll() is not None:
                raise SystemExit(f"bench: {self.name} makes no socket")
            time.sleep(0.02)

    def close(self):
        super().close()
        for process in reversed(self.processes):
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.socket.unlink(missing_ok=True)
        run("ip", "netns", "del", self.guest, check=False)
