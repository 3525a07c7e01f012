"""What broke a client that was copied into a web application: twenty requests at once, by threads that share it.

    naive_use.py FOLDER CALLS COMMAND...

Starts a web server in FOLDER by COMMAND, where PORT stands for its port, and asks for the voices of calls, twenty at
once and fifty a second, until its input ends, at least so many. Prints a line of JSON for each: call, HTTP status,
voice, source, reason, and the milliseconds that the application waited for the voice.
"""
from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import itertools
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

AT_ONCE = 20
PAUSE = 0.4  # seconds, of each of them

_printing = threading.Lock()


def main(folder: str, calls: int, command: list[str]) -> None:
    end = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
    with web_server(folder, command) as port, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as lanes:
        for lane in [lanes.submit(ask, port, lane, calls // AT_ONCE, end) for lane in range(AT_ONCE)]:
            lane.result()


@contextlib.contextmanager
def web_server(folder: str, command: list[str]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([one.replace("PORT", str(port)) for one in command], cwd=folder, stdout=sys.stderr)
    try:
        wait_until_it_listens(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def wait_until_it_listens(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the web server does not listen")


def ask(port: int, lane: int, least: int, end: threading.Event) -> None:
    begin = time.monotonic()
    for n in itertools.count():
        if n >= least and end.is_set():
            return
        time.sleep(max(0.0, begin + n * PAUSE - time.monotonic()))
        call = f"CA-{lane}-{n}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", f"/businesses/{1 + lane}/calls/{call}")
        response = connection.getresponse()
        body = response.read()
        connection.close()
        waited = re.search(r"voice;dur=([0-9.]+)", response.getheader("Server-Timing") or "")
        answer = json.loads(body) if response.status == 200 else {}
        say({"call": call, "status": response.status, "ms": float(waited[1]) if waited else 1e9, **answer})


def say(what: dict[str, object]) -> None:
    with _printing:
        print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
