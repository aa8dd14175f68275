# SPDX-License-Identifier: Apache-2.0
"""Listens on a UNIX socket and becomes COMMAND with the first connection as descriptor 5:
serve.py SOCKET COMMAND..."""
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listening", flush=True)
connection, _ = listener.accept()
os.dup2(connection.fileno(), 5)
os.execv(sys.argv[2], sys.argv[2:])
