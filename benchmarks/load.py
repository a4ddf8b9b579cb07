"""Load by wrk (Debian's package): one body, so many connections, and what came back how fast."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
wrk.method = "POST"
wrk.body = {body}
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{{"requests": %d, "us": %d, "p50": %d, "p99": %d, "failed": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk saw. `failed` counts answers other than 2xx and 3xx too."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    failed: int


def loaded(url: str, body: str, *, connections: int, seconds: int, folder: Path) -> Load:
    """Ask for `seconds` over so many connections, each with one request under way."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("the benchmark of serving needs wrk: apt-get install wrk")
    script = folder / "wrk.lua"
    script.write_text(SCRIPT.format(body=json.dumps(body, ensure_ascii=False)), encoding="utf-8")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.strip().splitlines()[-1])
    per_s = found["requests"] / found["us"] * 1e6
    return Load(per_s, found["p50"] / 1000, found["p99"] / 1000, found["failed"])
