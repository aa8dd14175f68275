# SPDX-License-Identifier: Apache-2.0
"""A user at a terminal: terminal.py STEP... -- COMMAND...

Runs the command on a pseudo-terminal of its own and goes through the steps: "send:TEXT" types
(with Python's escapes: \\x03 is ^C), "expect:TEXT" waits until this is shown after what was
expected before, "wait:SECONDS", "resize:ROWSxCOLUMNS", "end" waits for the command's end. Prints
the exit code as a shell would say it; the transcript goes to standard error.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 15


class Terminal:
    def __init__(self, command):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.shown, self.read_up_to = "", 0

    def gather(self, timeout):
        """Takes in what is shown within the time; False at the end of all output."""
        if select.select([self.master], [], [], timeout)[0]:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                return False
            self.shown += piece.decode(errors="replace")
            return bool(piece)
        return True

    def send(self, text):
        os.write(self.master, text.encode().decode("unicode_escape").encode())

    def expect(self, text):
        deadline = time.monotonic() + PATIENCE
        while (at := self.shown.find(text, self.read_up_to)) < 0:
            if time.monotonic() > deadline or not self.gather(0.1):
                raise SystemExit(f"never shown: {text!r}")
        self.read_up_to = at + len(text)

    def wait(self, seconds):
        deadline = time.monotonic() + float(seconds)
        while time.monotonic() < deadline:
            self.gather(0.05)

    def resize(self, size):
        rows, columns = map(int, size.split("x"))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self, _):
        deadline = time.monotonic() + PATIENCE
        while (done := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            if time.monotonic() > deadline:
                raise SystemExit("does not end")
            self.gather(0.05)
        self.pid = 0
        code = os.waitstatus_to_exitcode(done[1])
        print(code if code >= 0 else 128 - code)

    def close(self):
        sys.stderr.write(self.shown)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)


def main(arguments):
    split = arguments.index("--")
    terminal = Terminal(arguments[split + 1:])
    try:
        for step in arguments[:split]:
            action, _, argument = step.partition(":")
            getattr(terminal, action)(argument)
    finally:
        terminal.close()


main(sys.argv[1:])
