# SPDX-License-Identifier: Apache-2.0
"""A way through a contender, from clients to servers, and the loads that are sent along it."""
import json
import subprocess
import time

from stage import run

WARM_UP_STREAMS, WARM_UP_EXCHANGES = 4, 2000
# Ends with `timeout`, which an interrupted run kills outright.
IPERF = ("setpriv", "--pdeathsig", "KILL", "iperf3")


class Path:
    """Clients and servers are commands run behind a prefix that puts them in their namespace.

    Servers bind `address`; clients reach them as `target`. Each load takes a port of its own,
    since the kernel is slow to find a free one among those still in TIME_WAIT.
    """

    def __init__(self, stage, clients, servers, address, target, ports):
        self.stage, self.clients, self.servers = stage, clients, servers
        self.address, self.target, self.ports = address, target, ports
        self.echo_port, self.running = None, []

    def close(self):
        while self.running:
            self.stop(self.running[0])

    def next_port(self):
        port = next(self.ports)
        return port if port != self.echo_port else next(self.ports)

    def client(self, *command, timeout=60, check=True):
        return run(*self.clients, *command, timeout=timeout, check=check)

    def serve(self, action, *arguments):
        """Starts one of peer's servers: its port and process, for stop()."""
        port = self.next_port()
        server = subprocess.Popen([*self.servers, *map(str, (self.stage.peer, action,
                                                             self.address, port, *arguments))],
                                  stdout=subprocess.PIPE, text=True)
        self.running.append(server)
        if server.stdout.readline().strip() != "ready":
            raise SystemExit(f"bench: the server for {action} does not start")
        return port, server

    def stop(self, server):
        server.kill()
        server.wait()
        server.stdout.close()
        self.running.remove(server)

    def peer(self, action, port, *arguments):
        return values(self.client(self.stage.peer, action, self.target, port, *arguments))

    # --- the loads

    def warm_up(self, plan):
        """A compiler at run time needs some traffic to see; everybody gets the same.

        In turns, as what it took for granted in one direction may not hold in the other.
        """
        for _ in range(plan.warm_up_turns):
            for reverse in (False, True):
                self.iperf(WARM_UP_STREAMS, reverse, plan.warm_up_seconds)
            for protocol in ("tcp", "udp"):
                self.round_trips(protocol, WARM_UP_EXCHANGES)
            self.connections(WARM_UP_EXCHANGES // 4)

    def iperf(self, streams, reverse, seconds):
        """Bytes which the receiver got in the time; the server sends if reversed."""
        return self.iperf_report(streams, reverse, seconds)["end"]["sum_received"]["bytes"]

    def seconds_of_a_stream(self, reverse, seconds):
        """What one stream moved in each second, in bytes."""
        report = self.iperf_report(1, reverse, seconds)
        return [interval["sum"]["bytes"] for interval in report["intervals"][:seconds]]

    def iperf_report(self, streams, reverse, seconds):
        """All that iperf3's client says, with a line for each second."""
        port = self.next_port()
        server = subprocess.Popen(
            [*self.servers, "timeout", "-s", "KILL", str(seconds + 15), *IPERF, "-s", "-1",
             "-B", self.address, "-p", str(port)], stdout=subprocess.DEVNULL)
        try:
            self.await_listener(port)
            return json.loads(self.client(
                "timeout", "-s", "KILL", seconds + 10, *IPERF, "-J", "-c", self.target,
                "-p", port, "-t", seconds, "-P", streams, *(("-R",) if reverse else ())))
        finally:
            self.end_iperf(server)

    @staticmethod
    def end_iperf(server):
        """It ends by itself after a test; `timeout` passes a signal on."""
        try:
            server.wait(timeout=2)
        except subprocess.TimeoutExpired:
            server.terminate()
            server.wait()

    def await_listener(self, port):
        deadline = time.monotonic() + 5
        while not run(*self.servers, "ss", "-Hltn", f"sport = :{port}"):
            if time.monotonic() > deadline:
                raise SystemExit("bench: iperf3 does not listen")
            time.sleep(0.01)

    def round_trips(self, protocol, count):
        """Times of 64 bytes there and back: p50 and p99 in microseconds."""
        return self.peer(f"{protocol}-rr", self.echo(), count)

    def connections(self, count):
        """Connections per second: connect, 16 bytes there and back, close; one by one."""
        port, server = self.serve("echo")
        try:
            return self.peer("connections", port, count)["rate"]
        finally:
            self.stop(server)

    def udp_peers(self, count, milliseconds, cpu_seconds):
        """Many clients exchange small datagrams with one server: what `peer` says of it, and what
        a function that tells CPU time rose by meanwhile. That they begin does not count."""
        client = subprocess.Popen(
            [*self.clients, *map(str, (self.stage.peer, "peers", self.target, self.echo(), count,
                                       milliseconds))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if client.stdout.readline().strip() != "ready":
                raise SystemExit("bench: the clients for peers do not start")
            before = cpu_seconds()
            said, _ = client.communicate("go\n", timeout=milliseconds / 1000 + 20)
            return values(said), cpu_seconds() - before
        finally:
            client.kill()
            client.wait()

    def datagrams(self, reverse, size, milliseconds):
        """Of one sender as fast as it can: datagrams per second that arrived, and lost percent."""
        port, server = self.serve(*(("source", size, milliseconds) if reverse else ("sink",)))
        try:
            if reverse:
                seen = self.peer("drink", port)
                sent = values(server.stdout.read())["sent"]
            else:
                sent = self.peer("flood", port, size, milliseconds)["sent"]
                seen = values(server.stdout.read())
            return seen["rate"], 100 * (1 - seen["received"] / sent)
        finally:
            self.stop(server)

    def echo(self):
        """The port of a server that stays."""
        if self.echo_port is None:
            self.echo_port, _ = self.serve("echo")
        return self.echo_port


def values(text):
    """Reads "NAME VALUE NAME VALUE"."""
    words = text.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}
