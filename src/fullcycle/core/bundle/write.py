"""Writing a bundle aside, then renaming: a reader sees the old one or the new one and no mixture."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from fullcycle.core.bundle.model import (
    BUILD_FILES,
    CARD,
    CONTRACT,
    GOLDEN,
    IDENTITY_FILES,
    LINEAGE,
    MANIFEST,
    MODEL,
    REFERENCE,
    TESTS,
    BundleContract,
    Golden,
    Manifest,
    ManifestFile,
    Piece,
)
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import replace_folder, write_bytes_atomically

VERSION_DIGITS = 16  # 64 bits: no two bundles of one team will meet


def write_build(
    folder: Path, *, model: bytes, contract: BundleContract, golden: Golden, reference: Piece
) -> str:
    """Leave `build/`: what prepare made and proved. Returns the hash of its content."""
    files = {
        MODEL: model,
        CONTRACT: as_json_bytes(contract),
        GOLDEN: as_json_bytes(golden),
        REFERENCE: as_json_bytes(reference),
    }
    _write_folder(folder, files)
    return content_version(files)


def seal_bundle(
    build: Path,
    folder: Path,
    *,
    tests: Mapping[str, Any] | Piece,
    card: str,
    lineage: Mapping[str, Any] | Piece,
    created: str | None = None,
    commit: str | None = None,
) -> str:
    """Leave `bundle/`: the build with its tests, card, lineage and manifest. Returns the bundle's version."""
    files = {**read_build_files(build), TESTS: as_json_bytes(tests)}
    version = content_version(files)
    files |= {CARD: card.encode(), LINEAGE: as_json_bytes(lineage)}
    manifest = Manifest(
        bundle=version,
        created=created or datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        made_with=Golden.model_validate_json(files[GOLDEN]).made_with,
        files={
            name: ManifestFile(sha256=sha256(content), bytes=len(content)) for name, content in files.items()
        },
    )
    _write_folder(folder, {**files, MANIFEST: as_json_bytes(manifest)})
    return version


def read_build_files(build: Path) -> dict[str, bytes]:
    """The four files of `build/`, or a UserError that names the one that is not there."""
    files = {}
    for name in BUILD_FILES:
        try:
            files[name] = (build / name).read_bytes()
        except OSError as error:
            raise UserError(
                where=f"{build}/{name}",
                found=f"a file that can't be read ({error.strerror or error})",
                expected="what prepare leaves in build/",
                hint="run `fullcycle run prepare`",
            ) from error
    return files


def content_version(files: Mapping[str, bytes]) -> str:
    """The name that a content has: equal for equal graph, contract, golden rows, reference and tests."""
    digest = hashlib.sha256()
    for name in IDENTITY_FILES:
        if name in files:
            digest.update(f"{name} {sha256(files[name])}\n".encode())
    return digest.hexdigest()[:VERSION_DIGITS]


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def as_json_bytes(content: Mapping[str, Any] | Piece) -> bytes:
    """Readable JSON with a stable order of keys; NaN and infinities are null."""
    plain = content.model_dump(mode="json") if isinstance(content, Piece) else content
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    with _folder_aside(folder) as aside:
        for name, content in files.items():
            write_bytes_atomically(aside / name, content)


@contextmanager
def _folder_aside(folder: Path) -> Iterator[Path]:
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        yield aside
        replace_folder(folder, aside)
    except OSError as error:
        raise UserError(
            where=str(folder),
            found=f"a folder that can't be written ({error.strerror or error})",
            hint="free some space or mend the permissions, then run the same command; the old one is whole",
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
