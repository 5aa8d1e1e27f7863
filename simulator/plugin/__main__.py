"""Runs one plugin: `python -m simulator.plugin aws`. Prints its port and serves until the engine ends it."""

import os
import signal
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from simulator.plugin.engine import CHANNEL, DISTRIBUTIONS, version_of
from simulator.plugin.servicer import StandIn
from simulator.state import default_path

_THREADS: Final = 32
"""How many calls at once; Construct holds one while the engine asks for the children with others."""


def main() -> int:
    """Serve the package named on the command line."""
    packages = sys.argv[1:2]
    if not packages or packages[0] not in DISTRIBUTIONS:
        sys.stderr.write(f"usage: python -m simulator.plugin {'|'.join(DISTRIBUTIONS)}\n")
        return 2
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=CHANNEL)
    servicer = StandIn(packages[0], version_of(packages[0]), state_of=default_path)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    asked_to_stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked_to_stop.set())
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        # The engine holds the other end of stdin: when it is killed, nothing else says so.
        Thread(target=lambda: (sys.stdin.read(), asked_to_stop.set()), daemon=True).start()
    asked_to_stop.wait()
    server.stop(grace=None).wait()
    return 0


sys.exit(main())
