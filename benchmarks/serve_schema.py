"""schemathesis on `ocrdigits serve`: what the API's description allows, and what it does not.

    python benchmarks/serve_schema.py [--examples 100] [--schemathesis COMMAND]

Starts a server of its own. Files are photos, damaged photos and other bytes; a file that is none
is answered by 413, 415 or 422, which the description says and a schema of bytes cannot.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOOKS = """
import io
import schemathesis
from PIL import Image, ImageDraw

def photo(text):
    image = Image.new("L", (160, 60), 235)
    ImageDraw.Draw(image).text((20, 15), text, fill=20, font_size=30)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()

PHOTOS = [photo("57"), photo("1,234.50"), photo(""), photo("57")[:200]]

PATTERNS = [r"\\d+", r"\\d{2}", "[0-9.,]+", "("]

@schemathesis.hook
def map_body(context, body):
    number = len(repr(body)) % 5
    if isinstance(body, dict) and number < 4:  # most files are photos
        body = body | {"file": PHOTOS[number]} if "file" in body else body
        body = body | {"pattern": PATTERNS[number]} if "pattern" in body else body
    return body
"""
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "413", "415", "422"]
"""


def main() -> None:
    """Run it; the exit code is schemathesis's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--schemathesis", default="schemathesis")
    options = parser.parse_args()
    token = "token-for-schemathesis"
    server = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "serve", "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OCRDIGITS_TOKEN": token},
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip().removesuffix(f"{token}/")
        sys.exit(run(url, token, options))
    finally:
        server.terminate()
        server.wait()


def run(url: str, token: str, options: argparse.Namespace) -> int:
    """One run against a server."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hooks.py").write_text(HOOKS, encoding="utf-8")
        (Path(folder) / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
        command = [
            *(options.schemathesis, "--config-file", f"{folder}/schemathesis.toml"),
            *("run", f"{url}openapi.json", "--url", url.rstrip("/")),
            *("-H", f"Authorization: Bearer {token}", "--max-examples", str(options.examples)),
            *("--checks", "all", "--seed", "1", "--request-timeout", "60"),
        ]
        env = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": folder}
        return subprocess.run(command, env=env, cwd=folder, check=False).returncode


if __name__ == "__main__":
    main()
