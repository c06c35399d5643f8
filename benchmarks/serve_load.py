"""Many clients at once on `ocrdigits serve`: answers, errors, times and memory.

    python benchmarks/serve_load.py samples/crop_11.jpg --clients 32 --seconds 60

Starts a server of its own. Memory is the resident set of the server and of all its workers, first
after a warm-up of a tenth of the time, then at the end.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "serve", "--no-browser", "-j", str(options.jobs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        measure(f"{url}v1/read", server.pid, options)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def measure(url: str, pid: int, options: argparse.Namespace) -> None:
    """Have all clients ask again and again."""
    body, kind = form_of(options.photo)
    outcomes: Counter[str] = Counter()
    times: list[float] = []
    post(url, body, kind)  # workers are up
    end = time.monotonic() + options.seconds

    def ask() -> None:
        while time.monotonic() < end:
            started = time.monotonic()
            outcomes[post(url, body, kind)] += 1
            times.append(time.monotonic() - started)

    clients = [threading.Thread(target=ask) for _ in range(options.clients)]
    for client in clients:
        client.start()
    time.sleep(options.seconds / 10)
    memory = [memory_mb(pid)]
    while any(client.is_alive() for client in clients):
        time.sleep(options.seconds / 10)
        memory.append(memory_mb(pid))
    times.sort()
    median, most = times[len(times) // 2], times[-1]
    print(f"{options.clients} clients, {options.seconds:g} s: {dict(outcomes)}")
    print(f"{sum(outcomes.values()) / options.seconds:.1f} answers a second")
    print(f"seconds an answer: median {median:.2f}, longest {most:.2f}")
    print(f"memory, MB: {', '.join(f'{it:.0f}' for it in memory)}")


def form_of(photo: Path) -> tuple[bytes, str]:
    """A form with the photo, and its content type."""
    start = (
        '--edge\r\nContent-Disposition: form-data; name="layout"\r\n\r\nline\r\n'
        f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{photo.name}"\r\n\r\n'
    )
    return start.encode() + photo.read_bytes() + b"\r\n--edge--\r\n", (
        "multipart/form-data; boundary=edge"
    )


def post(url: str, body: bytes, kind: str) -> str:
    """Send it; the status, or what went wrong."""
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return type(error).__name__


def memory_mb(pid: int) -> float:
    """Resident set of a process and its children, shared pages counted in each."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for task in Path(f"/proc/{pid}/task").iterdir():  # workers belong to the thread that made them
        children += (task / "children").read_text(encoding="ascii").split()
    total = 0
    for process in {str(pid), *children}:
        statm = Path(f"/proc/{process}/statm").read_text(encoding="ascii")
        total += int(statm.split()[1]) * PAGE_BYTES
    return total / 1e6


if __name__ == "__main__":
    main()
