"""What another machine installs to work as this one does: fullcycle, and its libraries in their versions.

Never a bare name (DECISIONS 40): the wheel that this installation came from, one built of its sources, or
what FULLCYCLE_REQUIREMENT says.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlparse

from fullcycle.core.errors import UserError

REQUIREMENT = "FULLCYCLE_REQUIREMENT"  # what to install instead, for instance of an index of one's own
PLUGIN = re.compile(r"dvc-(s3|gs|azure|ssh|webdav|http|oss|hdfs|gdrive)$")


def requirement(folder: Path) -> str:
    """What pip is told to install as fullcycle; a wheel is put into `folder` and named `./FILE`."""
    told = os.environ.get(REQUIREMENT)
    if told:
        return told
    origin = json.loads(distribution("fullcycle").read_text("direct_url.json") or "{}")
    source = Path(unquote(urlparse(origin.get("url", "")).path))
    if source.suffix == ".whl" and source.is_file():
        return f"./{Path(shutil.copy(source, folder)).name}"
    if origin.get("url", "").startswith("file:") and (source / "pyproject.toml").is_file():
        return f"./{_built(source, folder).name}"
    return f"fullcycle=={distribution('fullcycle').version}"


def pins(extras: tuple[str, ...] = ()) -> list[str]:
    """`name==version` of every library that fullcycle and these extras of it need here, and DVC's plugins."""
    found = {plugin: _version(plugin) for plugin in plugins()}
    waiting = [("fullcycle", extras), *((plugin, ()) for plugin in found)]
    while waiting:
        name, wanted = waiting.pop()
        for needed, its_extras in _needs(name, wanted):
            if needed not in found:
                found[needed] = _version(needed)
                waiting.append((needed, its_extras))
    return sorted(f"{name}=={version}" for name, version in found.items())


def plugins() -> list[str]:
    """DVC's own for remotes elsewhere, as far as they are installed."""
    named = (_normal(each.metadata["name"] or "") for each in distributions())
    return sorted({name for name in named if PLUGIN.match(name)})


@lru_cache(maxsize=1024)
def _needs(name: str, extras: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What it requires here and has installed, each with the extras that it asks of it."""
    from packaging.requirements import Requirement

    needed = [Requirement(text) for text in distribution(name).requires or ()]
    wanted = [
        each
        for each in needed
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]
    return tuple((_normal(each.name), tuple(sorted(each.extras))) for each in wanted if _version(each.name))


@lru_cache(maxsize=1024)
def _version(name: str) -> str:
    """The installed version, "" where it is not."""
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _built(source: Path, folder: Path) -> Path:
    with TemporaryDirectory() as made:
        build = [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made),
            str(source),
        ]
        done = subprocess.run(build, capture_output=True, text=True, check=False)
        wheels = list(Path(made).glob("*.whl"))
        if done.returncode or not wheels:
            raise UserError(
                where=str(source),
                found=f"no wheel of it: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}",
                hint=f"set {REQUIREMENT} to what pip shall install, a wheel's address or a version",
            )
        return Path(shutil.copy(wheels[0], folder))
