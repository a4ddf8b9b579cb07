"""What the bundle costs on this machine: a server that is asked golden rows, a scoring of the snapshot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from fullcycle.automate.served import served
from fullcycle.automate.smoke import Client
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.evidence import CleanEvidence, CollectEvidence, Evidence, PrepareEvidence, VerifyEvidence
from fullcycle.core.evidence.automation import Measured
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.store import evidence_path, read_evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psutil

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.project import Project

E = TypeVar("E", bound=Evidence)
REQUESTS = 400
ROWS_AT_ONCE = 50
SCORED_ROWS = 100_000  # a table of this size takes longer than the noise of starting
STAGES: tuple[type[Evidence], ...] = (
    CollectEvidence, CleanEvidence, ExploreEvidence, ExperimentEvidence, PrepareEvidence, VerifyEvidence,
)  # fmt: skip
LIBRARIES = ("duckdb", "ibis", "pyarrow", "sklearn.pipeline", "skl2onnx", "onnxruntime", "lightgbm", "optuna")
MB = 1e6


def measure(project: Project) -> Measured:
    """Start a server and ask it, score the snapshot, and read what training took; some ten seconds."""
    bundle = read_bundle(project.paths.bundle)
    seconds, memory, search = _training(project.paths.evidence)
    started, used = _service(bundle)
    return Measured(
        bundle=bundle.version,
        cores=os.cpu_count() or 1,
        training_s=seconds,
        training_rows=read_evidence(project.paths.evidence, CleanEvidence).rows_out,
        training_memory_mb=memory,
        libraries_mb=_libraries_mb(),
        search_s=search,
        start_s=started,
        **used,
        **_scoring(project),
        log_row_bytes=_log_row_bytes(project.paths.predictions),
    )


def _training(folder: Path) -> tuple[float, float | None, float | None]:
    """All stages in turn, the largest of their peaks of memory (None of evidence before it was noted), and
    what of the time a search took that time ended."""
    there = [read_evidence(folder, kind) for kind in STAGES if evidence_path(folder, kind.stage).exists()]
    runs = [evidence.run for evidence in there if evidence.run is not None]
    peaks = [run.memory_mb for run in runs if run.memory_mb is not None]
    searches = [each for each in there if isinstance(each, ExperimentEvidence) and each.ended_by == "time"]
    search = next((each.run.seconds for each in searches if each.run is not None), None)
    return round(sum(run.seconds for run in runs), 1), max(peaks, default=None), search


def _libraries_mb() -> float:
    """What a process takes that has imported what stages import, and has read nothing."""
    _, memory = _run([sys.executable, "-c", f"import {', '.join(LIBRARIES)}"])
    return round(memory, 1)


def _service(bundle: Bundle) -> tuple[float, dict[str, float]]:
    import psutil

    began = time.perf_counter()
    with served(bundle.folder) as (url, pid):
        started = time.perf_counter() - began
        client, server = Client(url), psutil.Process(pid)
        rows = [golden.row for golden in bundle.golden.rows]
        for row in rows:
            client.ask("/predict", row)  # warm: a server in production is
        single, p50 = _asked(client, server, [rows[number % len(rows)] for number in range(REQUESTS)])
        whole = [rows[number % len(rows)] for number in range(ROWS_AT_ONCE)]
        many, _ = _asked(client, server, [whole] * (REQUESTS // ROWS_AT_ONCE))
        return round(started, 2), {
            "server_memory_mb": round(server.memory_info().rss / MB, 1),
            "request_cpu_ms": round(single, 4),
            "request_p50_ms": round(p50, 3),
            "row_cpu_ms": round(max(0.0, many - single) / (ROWS_AT_ONCE - 1), 5),
        }


def _asked(client: Client, server: psutil.Process, bodies: Sequence[object]) -> tuple[float, float]:
    """CPU of the server for a request, and the median that a client waits, milliseconds."""
    took = []
    before = server.cpu_times()
    for body in bodies:
        began = time.perf_counter()
        client.ask("/predict", body)
        took.append(time.perf_counter() - began)
    after = server.cpu_times()
    cpu = after.user + after.system - before.user - before.system
    return cpu / len(bodies) * 1000, sorted(took)[len(took) // 2] * 1000


def _scoring(project: Project) -> dict[str, float | None]:
    """A scoring of the snapshot, repeated until it is long enough to be timed, and of one row of it, which is
    what starting takes; nothing without a snapshot."""
    raw = project.paths.raw
    if not raw.exists():
        return {}
    import pyarrow as pa
    import pyarrow.parquet as pq

    from fullcycle.core.engines.tables import ROW

    with TemporaryDirectory() as made:
        one, every = Path(made) / "one.parquet", Path(made) / "every.parquet"
        table = pq.read_table(raw)
        table = table.drop_columns([name for name in (ROW,) if name in table.column_names])
        pq.write_table(table.slice(0, 1), one)
        table = pa.concat_tables([table] * max(1, SCORED_ROWS // max(1, table.num_rows)))
        pq.write_table(table, every)
        start, _ = _scored(project, one, Path(made) / "a.parquet")
        whole, memory = _scored(project, every, Path(made) / "b.parquet")
    rows = max(1, table.num_rows - 1)
    return {
        "score_start_s": round(start, 2),
        "score_row_ms": round(max(0.0, whole - start) / rows * 1000, 5),
        "score_memory_mb": round(memory, 1),
    }


def _scored(project: Project, source: Path, out: Path) -> tuple[float, float]:
    """Seconds, and the peak of memory in megabytes, of `fullcycle score` as a process of its own."""
    command = [sys.executable, "-m", "fullcycle.cli.main", "-C", str(project.root), "score", str(source)]
    command += ["--out", str(out), "--bundle", str(project.paths.bundle)]
    return _run(command)


def _run(command: list[str]) -> tuple[float, float]:
    """Seconds, and the peak of memory in megabytes, of a command that ends well."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise UserError(
            where=" ".join(command),
            found=f"exit code {process.returncode}",
            hint="type it to see why; the plan measures what it takes",
        )
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - began, used.ru_maxrss * kilobyte / MB


def _log_row_bytes(folder: Path) -> float | None:
    """Of answers in the log, if there are any."""
    files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    size = sum(path.stat().st_size for path in files)
    rows = sum(path.read_bytes().count(b"\n") for path in files)
    return round(size / rows, 1) if rows else None
