"""A review by keyboard alone: seconds from a key to the next string's picture on the screen.

    ocrdigits batch samples -o keys.csv --accept 1
    python benchmarks/review_keys.py keys.csv.ocrdigits --photos samples --decisions 100

Works on a copy of the store, in Chromium by Playwright. Each decision is one of Enter, `u` and `n`
in turn, as soon as the picture before is there. A time ends with the frame after the picture is
loaded and decoded.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WATCH = """() => {
  addEventListener("keydown", (event) => {
    const image = document.getElementById("crop");
    const before = image.dataset.url;
    const look = () => {
      const isDone = document.getElementById("work").hidden;
      if (image.dataset.url === before && !isDone) return requestAnimationFrame(look);
      const note = () => { window.took = performance.now() - event.timeStamp; };
      return image.decode().catch(() => {}).then(() => requestAnimationFrame(note));
    };
    window.took = null;
    look();
  }, { capture: true });
}"""


def main() -> None:
    """Run it and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--decisions", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.ocrdigits"
        copy_store(options.store, store)
        command = ["review", str(store), "--photos", str(options.photos), "--no-browser"]
        server = subprocess.Popen(
            [sys.executable, "-m", "ocrdigits", *command], stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None
        try:
            times = review(server.stdout.readline().strip(), options.decisions)
        finally:
            server.terminate()
            server.wait()
        with sqlite3.connect(store) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM decision").fetchone()
        connection.close()
    times.sort()
    tenth = times[-1 - len(times) // 10]
    print(f"{len(times)} decisions, {kept} kept")
    print(
        f"milliseconds from key to picture: median {statistics.median(times):.0f}, "
        f"90 % within {tenth:.0f}, longest {times[-1]:.0f}"
    )


def copy_store(source: Path, target: Path) -> None:
    """Copy a store without its decisions."""
    shutil.copy(source, target)
    connection = sqlite3.connect(target)
    with connection:
        connection.execute("DELETE FROM decision")
    connection.close()


def review(url: str, decisions: int) -> list[float]:
    """Decide; milliseconds for each."""
    with sync_playwright() as driver:
        own = driver.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("#work:not([hidden])")
        page.evaluate("document.getElementById('crop').decode()")
        page.evaluate(WATCH)
        times = [decide(page, ("Enter", "u", "n")[number % 3]) for number in range(decisions)]
        page.get_by_text(f"{decisions} of ").wait_for()
        browser.close()
    return times


def decide(page: Page, key: str) -> float:
    """Press a key and wait for the next picture."""
    page.keyboard.press(key)
    took: float | None = None
    while took is None:  # the page's content policy lets Playwright's own waiting not in
        took = page.evaluate("window.took")
    return took


if __name__ == "__main__":
    main()
