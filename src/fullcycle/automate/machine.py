"""What the machine has: Python, the libraries in the versions that are needed, libgomp, git."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from fullcycle.automate.check import Check

PYTHONS = ((3, 11), (3, 14))  # from the first, below the second
NATIVE = (
    "numpy",
    "duckdb",
    "onnxruntime",
    "lightgbm",
)  # a system library may be lacking though pip is content
WRONG_RUNTIMES = {"1.26.0": "answers forests wrongly, without an error"}
GIT_TIMEOUT_S = 10


def python() -> Iterator[Check]:
    """The interpreter's version."""
    version, (first, beyond) = sys.version_info[:2], PYTHONS
    found = f"Python {platform.python_version()} at {sys.executable}"
    if first <= version < beyond:
        yield Check("python", "ok", found)
    else:
        yield Check("python", "wrong", found, "make a new environment: uv venv --python 3.12")


def libraries() -> Iterator[Check]:
    """Every library that fullcycle requires, in a version that it can use."""
    from packaging.requirements import Requirement

    needed = [Requirement(text) for text in metadata.requires("fullcycle") or ()]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    problems = [check for one in needed if (check := _library(one)) is not None]
    yield from problems
    for name in NATIVE:
        yield from _import_native(name)
    if not problems:
        version = metadata.version("fullcycle")
        yield Check("libraries", "ok", f"fullcycle {version} and the {len(needed)} libraries that it needs")


def _library(needed: Any) -> Check | None:
    name = f"library {needed.name}"
    try:
        version = metadata.version(needed.name)
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "not installed", f"pip install '{needed}'")
    if needed.specifier.contains(version, prereleases=True):
        return None
    why = WRONG_RUNTIMES.get(version) if needed.name == "onnxruntime" else None
    found = f"version {version}" + (f", which {why}" if why else f", but {needed.specifier} is needed")
    return Check(name, "wrong", found, f"pip install '{needed}'")


def _import_native(name: str) -> Iterator[Check]:
    try:
        import_module(name)
    except (ImportError, OSError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            return  # that it is not installed has been said
        cure = f"pip install --force-reinstall {name}"
        yield Check(f"library {name}", "wrong", f"can't be loaded ({error})", cure)


def libgomp() -> Iterator[Check]:
    """The system's OpenMP, which LightGBM's Linux wheel needs (DECISIONS 38)."""
    if platform.system() != "Linux":
        return
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        cure = "apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora), apk add libgomp"
        yield Check("libgomp", "missing", "no libgomp.so.1, which LightGBM needs", cure)
    else:
        yield Check("libgomp", "ok", "libgomp.so.1")


def git() -> Iterator[Check]:
    """The program itself."""
    answer = run_git("--version")
    if answer is None:
        yield Check("git", "missing", "no git", "apt-get install git, or https://git-scm.com")
    else:
        yield Check("git", "ok", answer)


def run_git(*arguments: str, at: Path | None = None) -> str | None:
    """What git says, or None where it fails or isn't there."""
    command = ["git", *(("-C", str(at)) if at else ()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
