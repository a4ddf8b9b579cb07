"""A bundle is written whole or not at all, and named by its content alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.bundle import read_bundle, seal_bundle, write
from fullcycle.core.bundle.model import SEALED_FILES
from fullcycle.core.errors import UserError

MakeBundle = Callable[..., Path]


def version_of(bundle: Path) -> str:
    return str(json.loads((bundle / "MANIFEST.json").read_text())["bundle"])


def test_a_bundle_has_the_files_of_the_design(bundle: Path) -> None:
    assert {path.name for path in bundle.iterdir()} == {*SEALED_FILES, "MANIFEST.json"}


def test_the_same_content_is_the_same_bundle(tmp_path: Path, make_bundle: MakeBundle) -> None:
    first, second = make_bundle(tmp_path / "one"), make_bundle(tmp_path / "two")
    assert version_of(first) == version_of(second)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in SEALED_FILES)


def test_lineage_dates_commit_and_card_are_no_part_of_the_identity(
    tmp_path: Path, make_bundle: MakeBundle
) -> None:
    changes = {"lineage": {"commit": "f" * 40}, "card": "another", "commit": "f" * 40, "created": None}
    assert version_of(make_bundle(tmp_path / "one")) == version_of(make_bundle(tmp_path / "two", **changes))


def test_another_graph_or_verdict_is_another_bundle(
    tmp_path: Path, make_bundle: MakeBundle, make_model: Callable[..., bytes]
) -> None:
    versions = {
        version_of(make_bundle(tmp_path / "same")),
        version_of(make_bundle(tmp_path / "graph", model=make_model(shift=-1.4))),
        version_of(make_bundle(tmp_path / "tests", tests={"passed": False})),
    }
    assert len(versions) == 3


def test_the_manifest_says_when_from_which_commit_and_with_what(bundle: Path) -> None:
    manifest = read_bundle(bundle).manifest
    assert manifest is not None
    assert (manifest.created, manifest.commit) == ("2024-02-29T00:00:00+00:00", "0" * 40)
    assert manifest.made_with == {"onnxruntime": "1.32.0"}


def test_an_interrupted_writing_leaves_the_previous_bundle_whole(
    tmp_path: Path, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = make_bundle(tmp_path)
    before = version_of(bundle)

    def interrupt(path: Path, filled: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "replace_folder", interrupt)
    with pytest.raises(KeyboardInterrupt):
        seal_bundle(tmp_path / "build", bundle, tests={"passed": False}, card="", lineage={})
    assert read_bundle(bundle).version == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build", "bundle"]


def test_a_full_disk_is_an_error_that_says_so(
    tmp_path: Path, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = make_bundle(tmp_path)

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(write, "write_bytes_atomically", full)
    with pytest.raises(UserError, match="No space left on device"):
        seal_bundle(tmp_path / "build", bundle, tests={}, card="", lineage={})
    assert read_bundle(bundle)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from fullcycle.core.bundle import seal_bundle
from fullcycle.core.errors import UserError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    seal_bundle(Path("build"), Path("bundle"), tests={"passed": False}, card="", lineage={})
except UserError as error:
    print(error)
"""


def test_a_disk_that_really_fills_leaves_the_previous_bundle_whole(
    tmp_path: Path, make_bundle: MakeBundle
) -> None:
    before = version_of(make_bundle(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "a file that can't be written (File too large)" in done.stdout
    assert read_bundle(tmp_path / "bundle").version == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build", "bundle"]


def test_sealing_without_a_build_says_which_stage_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"build/model\.onnx") as refusal:
        seal_bundle(tmp_path / "build", tmp_path / "bundle", tests={}, card="", lineage={})
    assert "fullcycle run prepare" in refusal.value.hint
    assert not (tmp_path / "bundle").exists()


def test_numbers_that_json_lacks_are_null() -> None:
    from fullcycle.core.bundle.reference import Shape

    shape = Shape(mean=float("nan"), quantiles=(float("inf"),), edges=(), counts=())
    plain: Any = json.loads(write.as_json_bytes(shape))
    assert plain == {"mean": None, "quantiles": [None], "edges": [], "counts": [], "at_most": []}
