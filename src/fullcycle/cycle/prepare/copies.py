"""The fitted pipeline on disk, for study and retraining: a pickle, and a skops file, which runs no code.

Nothing in production opens either (promise 7).
"""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

from fullcycle.core.errors import CheckFailed
from fullcycle.core.project.files import write_bytes_atomically

PICKLE, SKOPS = "pipeline.pkl", "pipeline.skops"
PICKLE_PROTOCOL = 5  # not "the highest": the bytes should not depend on the Python that wrote them
OWN_PACKAGE = "fullcycle.core.models."
# What candidates hold besides our own parts and what skops trusts of itself (NumPy, scikit-learn).
TRUSTED = {
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRegressor",
}
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_copies(folder: Path, fitted: Any) -> dict[str, int]:
    """Write both copies; returns their sizes in bytes by name. The same fit gives the same bytes."""
    contents = {PICKLE: pickle.dumps(fitted, protocol=PICKLE_PROTOCOL), SKOPS: skops_bytes(fitted)}
    for name, content in contents.items():
        write_bytes_atomically(folder / name, content)
    return {name: len(content) for name, content in contents.items()}


def read_skops(path: Path) -> Any:
    """The fitted pipeline of a skops file.

    Raises CheckFailed where it holds a type that no candidate is made of.
    """
    import skops.io

    types = skops.io.get_untrusted_types(file=path)
    foreign = [name for name in types if name not in TRUSTED and not name.startswith(OWN_PACKAGE)]
    if foreign:
        raise CheckFailed(
            where=str(path),
            found=f"types that no candidate holds: {', '.join(foreign)}",
            expected="only types of fullcycle, LightGBM and what skops trusts",
            hint="make it again with `fullcycle run prepare`",
        )
    return skops.io.load(path, trusted=types)


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
