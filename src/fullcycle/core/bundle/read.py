"""Reading a bundle: format version, checksums, then golden rows on the installed runtime, within 0.2 s.

Whatever is wrong with the folder ends in a UserError that names the file; nothing here unpickles, and what is
loaded are the very bytes whose checksum was compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import (
    CONTRACT,
    GOLDEN,
    MANIFEST,
    MODEL,
    SEALED_FILES,
    BundleContract,
    Golden,
    Manifest,
)
from fullcycle.core.bundle.pieces import RESTORE, parse, read_file
from fullcycle.core.bundle.proof import prove_golden_rows
from fullcycle.core.bundle.runtime import OnnxRuntime, Runtime, Session, first_line
from fullcycle.core.bundle.write import content_version, read_build_files, sha256
from fullcycle.core.errors import UserError


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
    return parse(folder / MANIFEST, read_file(folder / MANIFEST), Manifest)


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
        content = read_file(folder / name)
        if sha256(content) != listed.sha256:
            raise UserError(
                where=f"{folder}/{name}",
                found=f"a damaged file: {len(content)} bytes with sha256 {sha256(content)[:12]}…",
                expected=f"{listed.bytes} bytes with sha256 {listed.sha256[:12]}… by {MANIFEST}",
                hint=RESTORE,
            )
        files[name] = content
    return files


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
