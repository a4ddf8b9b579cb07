"""One file of a bundle at a time: read, checked for its format version, and typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from fullcycle.core.bundle.model import BUILD_FILES, BUNDLE_VERSION, Piece
from fullcycle.core.contract.model import CONTRACT_VERSION
from fullcycle.core.errors import UserError

P = TypeVar("P", bound=Piece)
RESTORE = "restore the folder (`git checkout`, `dvc pull`), or make it again with `fullcycle run verify`"


def read_piece(folder: Path, name: str, kind: type[P]) -> P:
    """One more file of a bundle that is open, as its type."""
    return parse(folder / name, read_file(folder / name), kind)


def read_file(path: Path) -> bytes:
    """A file of a bundle, or a UserError that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            where=str(path),
            found="no such file" if isinstance(error, FileNotFoundError) else str(error.strerror or error),
            expected=f"one of the files of a bundle: {', '.join((*BUILD_FILES, 'tests.json, …'))}",
            hint=RESTORE,
        ) from error


def parse(path: Path, content: bytes, kind: type[P]) -> P:
    """A file's JSON as its type; a newer format is refused before its fields are looked at."""
    try:
        plain = orjson.loads(content)
    except ValueError as error:
        raise UserError(where=str(path), found=f"no JSON ({error})", hint=RESTORE) from error
    _refuse_newer(path, plain)
    try:
        return kind.model_validate_json(content)  # from JSON, lists are read as the tuples they were
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            where=f"{path}, key {'.'.join(map(str, first['loc']))}", found=first["msg"], hint=RESTORE
        ) from error


def _refuse_newer(path: Path, plain: Any) -> None:
    known = {"version": BUNDLE_VERSION, "contract.version": CONTRACT_VERSION}
    inner = plain.get("contract") if isinstance(plain, dict) else None
    found = {
        "version": plain.get("version") if isinstance(plain, dict) else None,
        "contract.version": inner.get("version") if isinstance(inner, dict) else None,
    }
    for key, newest in known.items():
        version = found[key]
        if isinstance(version, int) and version > newest:
            raise UserError(
                where=f"{path}, key {key}",
                found=f"format version {version}",
                expected=f"{newest} or older",
                hint="install a newer fullcycle (pip install --upgrade fullcycle)",
            )
