"""A bundle is read whole and proven, or refused with a word about which file and what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.bundle import Bundle, read_build, read_bundle
from fullcycle.core.bundle.model import BUNDLE_VERSION, SEALED_FILES
from fullcycle.core.bundle.write import content_version, sha256
from fullcycle.core.errors import CheckFailed, UserError

MakeBundle = Callable[..., Path]


def reseal(bundle: Path) -> None:
    """Make the manifest agree with the files, as somebody who rewrites both would."""
    manifest = json.loads((bundle / "MANIFEST.json").read_text())
    files = {name: (bundle / name).read_bytes() for name in SEALED_FILES}
    manifest["files"] = {
        name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()
    }
    manifest["bundle"] = content_version(files)
    (bundle / "MANIFEST.json").write_text(json.dumps(manifest))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_sealed_bundle_is_read_and_says_what_it_is(bundle: Path) -> None:
    opened = read_bundle(bundle)
    assert isinstance(opened, Bundle)
    assert opened.classes == ("no", "yes")
    assert opened.threshold == 0.4
    assert [given.dtype for given in opened.inputs] == [
        "float32",
        "float64",
        "string",
        "float32",
        "int64",
        "string",
    ]
    assert opened.version == json.loads((bundle / "MANIFEST.json").read_text())["bundle"]
    assert opened.reference.rows == 500
    assert opened.tests.passed


def test_a_build_is_read_before_it_is_a_bundle(tmp_path: Path, make_build: MakeBundle) -> None:
    assert read_build(make_build(tmp_path)).classes == ("no", "yes")


@pytest.mark.parametrize("name", SEALED_FILES)
def test_a_damaged_file_is_named(bundle: Path, name: str) -> None:
    path = bundle / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"bundle/{name}: found a damaged file") as refusal:
        read_bundle(bundle)
    assert refusal.value.exit_code == 2
    assert refusal.value.hint


@pytest.mark.parametrize("name", [*SEALED_FILES, "MANIFEST.json"])
def test_a_missing_file_is_named(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    with pytest.raises(UserError, match=f"bundle/{name}: found no such file"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", [*SEALED_FILES, "MANIFEST.json"])
def test_a_truncated_file_is_named(bundle: Path, name: str) -> None:
    path = bundle / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match=f"bundle/{name}"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["model.onnx", "contract.json", "golden.json", "MANIFEST.json"])
@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"not a graph", b'{"version": {}}']
)
def test_nonsense_with_a_right_checksum_is_an_error_and_no_traceback(
    bundle: Path, name: str, content: bytes
) -> None:
    (bundle / name).write_bytes(content)
    if name != "MANIFEST.json":
        reseal(bundle)
    with pytest.raises(UserError, match=f"bundle/{name}"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["reference", "tests"])
def test_nonsense_in_what_is_read_later_is_an_error_too(bundle: Path, name: str) -> None:
    (bundle / f"{name}.json").write_text("{}")
    reseal(bundle)
    opened = read_bundle(bundle)
    with pytest.raises(UserError, match=f"bundle/{name}.json, key"):
        getattr(opened, name)


def test_no_bundle_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="found no bundle") as refusal:
        read_bundle(tmp_path / "bundle")
    assert "fullcycle run" in refusal.value.hint


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("")
    with pytest.raises(UserError, match="not a folder"):
        read_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["MANIFEST.json", "contract.json", "golden.json"])
def test_a_newer_format_asks_for_a_newer_program(bundle: Path, name: str) -> None:
    def newer(content: Any) -> None:
        content["version"] = BUNDLE_VERSION + 1
        content["a key of the future"] = 1

    edit(bundle / name, newer)
    if name != "MANIFEST.json":
        reseal(bundle)
    with pytest.raises(
        UserError, match=f"{name}, key version: found format version {BUNDLE_VERSION + 1}"
    ) as refusal:
        read_bundle(bundle)
    assert "install a newer fullcycle" in refusal.value.hint


def test_a_newer_contract_inside_asks_for_a_newer_program(bundle: Path) -> None:
    edit(bundle / "contract.json", lambda content: content["contract"].update(version=99))
    reseal(bundle)
    with pytest.raises(UserError, match="format version 99"):
        read_bundle(bundle)


def test_a_manifest_that_lies_about_the_version_is_refused(bundle: Path) -> None:
    edit(bundle / "MANIFEST.json", lambda content: content.update(bundle="0" * 16))
    with pytest.raises(UserError, match="found version 0000000000000000"):
        read_bundle(bundle)


def test_a_manifest_that_lists_too_few_files_is_refused(bundle: Path) -> None:
    edit(bundle / "MANIFEST.json", lambda content: content["files"].pop("golden.json"))
    with pytest.raises(UserError, match=r"found no entry for golden\.json"):
        read_bundle(bundle)


def test_a_bundle_without_golden_rows_is_refused(bundle: Path) -> None:
    edit(bundle / "golden.json", lambda content: content["rows"].clear())
    reseal(bundle)
    with pytest.raises(UserError, match=r"golden\.json, key rows"):
        read_bundle(bundle)


def test_a_golden_row_that_the_contract_rejects_today_is_named(bundle: Path) -> None:
    edit(bundle / "golden.json", lambda content: content["rows"][2]["row"].update(age="forty"))
    reseal(bundle)
    with pytest.raises(CheckFailed, match=r"row 2 \(ordinary\) is rejected by the contract"):
        read_bundle(bundle)


def test_a_graph_of_another_contract_is_refused(bundle: Path) -> None:
    edit(bundle / "contract.json", lambda content: content["inputs"][0].update(name="old age"))
    reseal(bundle)
    with pytest.raises(UserError, match=r"expected: inputs .*old age"):
        read_bundle(bundle)


def test_a_rewritten_graph_is_caught_by_the_golden_rows(tmp_path: Path, make_bundle: MakeBundle) -> None:
    folder = make_bundle(tmp_path / "right")
    edit(folder / "golden.json", lambda content: content["rows"][3].update(probabilities=[0.5, 0.5]))
    reseal(folder)
    with pytest.raises(CheckFailed, match=r"row 3 \(ordinary, in a batch\) has probabilities") as refusal:
        read_bundle(folder)
    assert refusal.value.exit_code == 1
    assert read_bundle(folder, prove=False)


def test_a_copied_bundle_is_the_same_bundle(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "elsewhere")
    assert read_bundle(copy).version == read_bundle(bundle).version


def test_importing_and_reading_touches_no_training_library(bundle: Path) -> None:
    program = f"""
import sys
import fullcycle.core.bundle
heavy = {{"pandas", "pyarrow", "polars", "duckdb", "ibis", "sklearn", "lightgbm", "scipy", "onnx", "skl2onnx",
    "mlflow", "dvc", "pickle5", "joblib", "cloudpickle"}}
assert "onnxruntime" not in sys.modules, "importing is free"
bundle = fullcycle.core.bundle.read_bundle({str(bundle)!r})
bundle.answer([bundle.coerce(bundle.golden.rows[0].row)])
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


VERSIONS = sorted((Path(__file__).parent / "data").iterdir())


@pytest.mark.parametrize("folder", VERSIONS, ids=[folder.name for folder in VERSIONS])
def test_every_version_ever_written_stays_readable(folder: Path) -> None:
    opened = read_bundle(folder)
    assert opened.answer([opened.coerce(opened.golden.rows[0].row)])
    assert opened.reference.columns
    assert opened.tests.headline


def test_the_newest_version_has_its_fixture() -> None:
    assert f"bundle_v{BUNDLE_VERSION}" in [folder.name for folder in VERSIONS]
