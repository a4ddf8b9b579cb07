"""Reading a bundle: format version, checksums, then golden rows on the installed runtime, within 0.2 s.

Whatever is wrong with the folder ends in a UserError that names the file; nothing here unpickles, and what is
loaded are the very bytes whose checksum was compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import (
    BUILD_FILES,
    BUNDLE_VERSION,
    CONTRACT,
    GOLDEN,
    MANIFEST,
    MODEL,
    SEALED_FILES,
    BundleContract,
    Golden,
    Manifest,
    Piece,
)
from fullcycle.core.bundle.proof import prove_golden_rows
from fullcycle.core.bundle.runtime import OnnxRuntime, Runtime, Session, first_line
from fullcycle.core.bundle.write import content_version, read_build_files, sha256
from fullcycle.core.contract.model import CONTRACT_VERSION
from fullcycle.core.errors import UserError

P = TypeVar("P", bound=Piece)
RESTORE = "restore the folder (`git checkout`, `dvc pull`), or make it again with `fullcycle run verify`"


def read_bundle(
    folder: Path | str, *, prove: bool = True, threads: int = 1, runtime: Runtime | None = None
) -> Bundle:
    """An open bundle that has been proven on this machine.

    Raises UserError for a folder that is missing, damaged or of a newer format, and CheckFailed where the
    installed runtime gives other answers than the bundle was made with. `threads` are those of one answer.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    files = _read_sealed_files(folder, manifest)
    if content_version(files) != manifest.bundle:
        raise UserError(
            where=f"{folder}/{MANIFEST}",
            found=f"version {manifest.bundle}, and a content whose version is {content_version(files)}",
            expected="the version of the content",
            hint=RESTORE,
        )
    return _open(folder, manifest.bundle, files, manifest, prove=prove, threads=threads, runtime=runtime)


def read_build(
    folder: Path | str, *, prove: bool = True, threads: int = 1, runtime: Runtime | None = None
) -> Bundle:
    """What prepare left in `build/`, before verify makes a bundle of it."""
    folder = Path(folder)
    files = read_build_files(folder)
    return _open(folder, content_version(files), files, None, prove=prove, threads=threads, runtime=runtime)


def _open(
    folder: Path,
    version: str,
    files: Mapping[str, bytes],
    manifest: Manifest | None,
    *,
    prove: bool,
    threads: int,
    runtime: Runtime | None,
) -> Bundle:
    runtime = runtime or OnnxRuntime()
    facts = parse(folder / CONTRACT, files[CONTRACT], BundleContract)
    golden = parse(folder / GOLDEN, files[GOLDEN], Golden)
    session = _open_graph(folder / MODEL, files[MODEL], facts, threads, runtime)
    bundle = Bundle(folder, version, facts, golden, session, manifest)
    if prove:
        prove_golden_rows(bundle, runtime)
    return bundle


def _read_manifest(folder: Path) -> Manifest:
    if not folder.is_dir():
        raise UserError(
            where=str(folder),
            found="no bundle" if not folder.exists() else "a file, not a folder",
            expected="a folder with MANIFEST.json, as verify leaves it",
            hint="run `fullcycle run`",
        )
    return parse(folder / MANIFEST, _read_file(folder / MANIFEST), Manifest)


def _read_sealed_files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Every file that the manifest lists and a bundle needs, each with the checksum it must have."""
    files = {}
    for name in SEALED_FILES:
        listed = manifest.files.get(name)
        if listed is None:
            raise UserError(
                where=f"{folder}/{MANIFEST}",
                found=f"no entry for {name}",
                expected="every file",
                hint=RESTORE,
            )
        content = _read_file(folder / name)
        if sha256(content) != listed.sha256:
            raise UserError(
                where=f"{folder}/{name}",
                found=f"a damaged file: {len(content)} bytes with sha256 {sha256(content)[:12]}…",
                expected=f"{listed.bytes} bytes with sha256 {listed.sha256[:12]}… by {MANIFEST}",
                hint=RESTORE,
            )
        files[name] = content
    return files


def read_piece(folder: Path, name: str, kind: type[P]) -> P:
    """One more file of a bundle that is open, as its type."""
    return parse(folder / name, _read_file(folder / name), kind)


def _read_file(path: Path) -> bytes:
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


def _open_graph(path: Path, model: bytes, facts: BundleContract, threads: int, runtime: Runtime) -> Session:
    try:
        session = runtime.open(model, threads)
    except Exception as error:  # the runtime has its own exceptions, of many classes
        raise UserError(
            where=str(path),
            found=f"a graph that {runtime.name} {runtime.version} can't load: {first_line(error)}",
            hint=RESTORE,
        ) from error
    has = ({given.name for given in session.get_inputs()}, {given.name for given in session.get_outputs()})
    needs = ({given.name for given in facts.inputs}, set(facts.outputs))
    if has[0] != needs[0] or not needs[1] <= has[1]:
        raise UserError(
            where=str(path),
            found=f"a graph with inputs {sorted(has[0])} and outputs {sorted(has[1])}",
            expected=f"inputs {sorted(needs[0])} and outputs {sorted(needs[1])}, as in {CONTRACT}",
            hint=RESTORE,
        )
    return session
