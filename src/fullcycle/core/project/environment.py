"""What a run ran on: Python, every package that fullcycle needs, threads and hardware, by name.

One flat mapping, so that two of them differ in names that a person can read. Metadata of packages is read as
text: parsing it whole would cost each stage a second.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

FILE = "environment.json"  # in evidence/, in git; no output of DVC, for every stage writes the same
FORMAT = 1
# Libraries take their number of threads from these; with another number, sums may end in another last bit.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
TOLD_ONLY = ("hardware.processor", "hardware.cpus", "hardware.memory_gb")
DIGEST_DIGITS = 16


def environment(models: Sequence[str] = ()) -> dict[str, str]:
    """Of this process: versions by package, and `threads.NAME`, `hardware.NAME`.

    `models` are those of the settings: a person's own model brings its package (`package.module:build`).
    """
    own = _distributions_of({name.split(".")[0] for name in models if ":" in name})
    return {
        "python": platform.python_version(),
        **dict(sorted(_closure(("fullcycle", *own)).items())),
        **{f"threads.{name}": os.environ[name] for name in THREADS if os.environ.get(name)},
        **_hardware(),
    }


def digest(found: Mapping[str, str]) -> str:
    """A short name of all that results may follow from."""
    decisive = {name: value for name, value in found.items() if name not in TOLD_ONLY}
    return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:DIGEST_DIGITS]


def record_environment(project: Project) -> None:
    """Leave `evidence/environment.json`; one that says the same stays untouched."""
    found = environment(project.settings.experiment.models)
    path = project.paths.evidence / FILE
    text = json.dumps({"version": FORMAT, "environment": found}, indent=1) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text_atomically(path, text)


def recorded_environment(project: Project) -> dict[str, str]:
    """What the last run wrote down, or a UserError."""
    path = project.paths.evidence / FILE
    try:
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in plain["environment"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            where=f"evidence/{FILE}",
            found="no such file" if isinstance(error, FileNotFoundError) else "no record that can be read",
            expected="what a run wrote down about packages, threads and hardware",
            hint="`fullcycle run` writes it; commit it with dvc.lock and evidence/",
        ) from error


@cache
def _closure(roots: tuple[str, ...]) -> dict[str, str]:
    """The named distributions and all that they need, as far as it is installed: version by name."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = _plain(waiting.pop())
        if name in found:
            continue
        text = _metadata(name)
        if text is None:
            continue
        found[name] = next(_values(text, "Version"), "")
        extras = name in roots  # fullcycle's own extras count, if they are installed; those of others don't
        waiting += [need for line in _values(text, "Requires-Dist") if (need := _needed(line, extras))]
    return found


def _metadata(name: str) -> str | None:
    try:
        text = metadata.distribution(name).read_text("METADATA")
    except metadata.PackageNotFoundError:
        return None
    return (text or "").split("\n\n", 1)[0]  # the description follows the first empty line


def _values(text: str, key: str) -> Iterator[str]:
    return (line.partition(": ")[2] for line in text.splitlines() if line.startswith(f"{key}: "))


def _needed(line: str, extras: bool) -> str | None:
    """The name in a requirement; markers of platforms need no look: what isn't installed is left out."""
    if not extras and re.search(r";.*\bextra\s*==", line):
        return None
    match = re.match(r"[A-Za-z0-9._-]+", line)
    return match[0] if match else None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions_of(modules: Iterable[str]) -> tuple[str, ...]:
    wanted = set(modules)
    if not wanted:
        return ()
    known = metadata.packages_distributions()
    return tuple(sorted({name for module in wanted for name in known.get(module, ())}))


@cache
def _hardware() -> dict[str, str]:
    import psutil

    return {
        "hardware.machine": platform.machine(),
        "hardware.system": platform.system(),
        "hardware.processor": _processor(),
        "hardware.cpus": str(os.cpu_count() or 0),
        "hardware.memory_gb": f"{psutil.virtual_memory().total / 1e9:.0f}",
    }


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return match[1] if match else platform.processor()
