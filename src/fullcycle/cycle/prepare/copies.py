"""The fitted pipeline on disk, for study and retraining: a pickle, and a skops file, which runs no code.

Nothing in production opens either (promise 7).
"""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_bytes_atomically

PICKLE, SKOPS = "pipeline.pkl", "pipeline.skops"
PICKLE_PROTOCOL = 5  # not "the highest": the bytes should not depend on the Python that wrote them
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Copy:
    """What was written; `types` are those that skops trusts only if it is told to."""

    bytes: int
    types: tuple[str, ...] = ()


def write_copies(folder: Path, fitted: Any) -> dict[str, Copy]:
    """Write both copies, by name. The same fit gives the same bytes.

    What the skops copy is made of is said by whoever wrote it: a reader trusts this list, and a file that was
    exchanged for one with other types isn't opened. Raises UserError for an estimator that can't be kept.
    """
    pickled, safe = _pickled(fitted), skops_bytes(fitted)
    write_bytes_atomically(folder / PICKLE, pickled)
    write_bytes_atomically(folder / SKOPS, safe)
    return {PICKLE: Copy(len(pickled)), SKOPS: Copy(len(safe), foreign_types(safe))}


def foreign_types(content: bytes) -> tuple[str, ...]:
    """Types of a skops file that skops does not know itself (of NumPy and scikit-learn it knows most)."""
    import skops.io

    return tuple(sorted(skops.io.get_untrusted_types(data=content)))


def _pickled(fitted: Any) -> bytes:
    try:
        return pickle.dumps(fitted, protocol=PICKLE_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise UserError(
            where=f"model/{PICKLE}",
            found=f"an estimator that can't be kept ({error})",
            expected="classes and functions of a module, no lambda and no open file",
            hint="mend it in your module, or take it out of experiment.models, then run `fullcycle run`",
        ) from error


def skops_bytes(fitted: Any) -> bytes:
    """A skops file whose bytes depend on the fitted pipeline alone.

    skops names objects by their address in memory and stamps the time of day; both are replaced.
    """
    import skops.io

    return _canonical(skops.io.dumps(fitted))


def _canonical(content: bytes) -> bytes:
    """Addresses numbered in the order of the schema, members in that order, one date."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = members.pop("schema.json").decode()
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return found[1] + numbers.setdefault(found[2], str(len(numbers)))

    schema = re.sub(r'("__id__": |"file": ")(\d+)', number, schema)
    renamed = {re.sub(r"^\d+", lambda found: numbers[found[0]], name): data for name, data in members.items()}
    return _zipped({**dict(sorted(renamed.items())), "schema.json": schema.encode()})


def _zipped(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()
