#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon for the system log: prints each message that comes to the socket, until its own standard
input ends and nothing more comes."""
import os
import select
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
print("listening", flush=True)
ends = False
while True:
    ready = select.select([receiver] if ends else [receiver, 0], [], [], 0.2 if ends else None)[0]
    if receiver in ready:
        print(receiver.recv(65536).decode(), flush=True)
    elif ends:
        break
    else:
        ends = not os.read(0, 1)
