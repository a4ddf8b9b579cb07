"""The corpus of dirty tables: small files, the truth of each written by hand, cleaned by the real program.

`python -m benchmarks.dirty` prints how many are cleaned to their truth, by kind of dirt; words behind it
choose tables. `tests/corpus/README.md` says what a truth may say.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from benchmarks.figure import Figure

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
# Findings of dirt: a truth names each that must be told, and any other is a false alarm. What clean tells
# of every table (gaps, outliers, scales, rare categories) accuses nobody: it is judged where it is named.
OF_DIRT = frozenset(
    f"FC{number}"
    for number in (
        *(101, 102, 103, 104, 105, 106, 107, 108, 110, 114, 115, 116),
        *(201, 202, 203, 204, 207, 209, 210, 211, 213, 215, 216, 217),
        *(301, 302, 307, 308, 309, 311, 312),
    )
)
TRUE, FALSE = {"true", "t", "yes", "y", "on", "1"}, {"false", "f", "no", "n", "off", "0"}


class Strict(BaseModel):
    """A key that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnTruth(Strict):
    """One column of the cleaned table; `cells` are by row, from 0 below the header; `values` count rows."""

    type: str | None = None
    role: str | None = None
    missing: list[int] = []
    all_missing: bool = False
    cells: dict[int, Any] = {}
    values: dict[str, int] | None = None


class SplitTruth(Strict):
    """How train and test were told apart; no value of `apart` is on both sides, `later` is later in test."""

    kind: str
    column: str | None = None
    apart: str | None = None
    later: str | None = None


class Truth(Strict):
    """What must become of a table. Rows and cells that it does not name are there, and not missing."""

    table: str
    about: str
    target: str
    init: dict[str, str] = {}  # options of `fullcycle init`: time, group, identifier
    settings: dict[str, Any] = {}  # what a person sets in fullcycle.yaml
    contract: dict[str, dict[str, Any]] = {}  # what a person sets in contract.yaml, by column
    nightly: bool = False  # too many tables for `make test`: one much like another is judged at night
    explore: bool = False  # whether the analysis is asked, too: leak suspects are its part
    refused: list[str] = []  # words of the error that says what is wrong with the file
    left_alone: bool = False  # every cell stays as it is written
    rows: int | None = None
    gone: list[int] = []
    gone_from_training: list[int] = []
    classes: list[str] | None = None
    columns: dict[str, ColumnTruth] = {}
    proposed: dict[str, list[str]] = {}  # values that a person is asked about, by column
    told: list[str] = []  # "CODE column": findings and decisions that must be there
    may_be_told: list[str] = []
    not_told: list[str] = []
    decided: dict[str, str] = {}  # action by "CODE column"
    split: SplitTruth | None = None


@dataclass(frozen=True)
class Case:
    """A table with its truth; `kind` is the folder that it lies in."""

    name: str
    kind: str
    path: Path
    truth: Truth


@dataclass(frozen=True)
class Cleaned:
    """What the program made of a table: rows by number, as read and as cleaned, and what it told."""

    contract: Any
    raw: dict[int, dict[str, Any]]
    train: dict[int, dict[str, Any]]
    test: dict[int, dict[str, Any]]
    evidence: Any
    told: frozenset[str]

    @property
    def rows(self) -> dict[int, dict[str, Any]]:
        return self.train | self.test


def cases() -> list[Case]:
    """Every table of the corpus, by kind and name."""
    yaml = YAML(typ="safe")
    return [
        Case(path.stem, path.parent.name, path.parent, Truth.model_validate(yaml.load(path)))
        for path in sorted(CORPUS.glob("*/*.yaml"))
    ]


# --- the program


def clean(case: Case, folder: Path) -> Cleaned:
    """Init, the person's decisions, collect, clean (and explore): all of the program, in this process.

    Raises UserError where the program refuses the table.
    """
    from fullcycle.automate.init import NewProject, propose
    from fullcycle.core.contract.yaml_file import write_contract
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings_yaml import settings_to_yaml
    from fullcycle.cycle.clean import stage as clean_stage
    from fullcycle.cycle.collect import stage as collect_stage
    from fullcycle.cycle.explore import stage as explore_stage

    truth = case.truth
    proposed = propose(
        NewProject(directory=folder, source=case.path / truth.table, target=truth.target, **truth.init)
    )
    folder.mkdir(exist_ok=True)
    write_contract(folder / "contract.yaml", decided_contract(proposed.contract, truth))
    settings = decided_settings(proposed.settings, case)
    (folder / "fullcycle.yaml").write_text(settings_to_yaml(settings), encoding="utf-8")
    project = Project(folder)
    findings = [*proposed.findings, *collect_stage.run(project).findings, *clean_stage.run(project).findings]
    if truth.explore:
        findings += explore_stage.run(project).findings
    return cleaned(project, proposed.contract, findings)


def decided_contract(contract: Any, truth: Truth) -> Any:
    """The contract with what a person has set."""
    content = contract.model_dump()
    for column in content["columns"]:
        column.update(truth.contract.get(column["name"], {}))
    return type(contract).model_validate(content)


def decided_settings(settings: Any, case: Case) -> Any:
    """The settings with what a person has set; a test file lies beside the table."""
    content = settings.model_dump()
    for section, keys in case.truth.settings.items():
        content[section].update(keys)
    if test := content["split"]["test"]:
        content["split"]["test"] = str(case.path / test)
    return type(settings).model_validate(content)


def cleaned(project: Any, proposed: Any, findings: Sequence[Any]) -> Cleaned:
    """What lies in a project after clean; `proposed` is the contract as init wrote it."""
    from fullcycle.core.evidence.clean import CleanEvidence
    from fullcycle.core.evidence.store import read_evidence

    evidence = read_evidence(project.paths.evidence, CleanEvidence)
    told = {_named(found.code, found.columns) for found in findings}
    told |= {_named(each.code, [each.column] if each.column else []) for each in evidence.decisions}
    paths = project.paths
    return Cleaned(
        proposed, _rows(paths.raw), _rows(paths.train), _rows(paths.test), evidence, frozenset(told)
    )


def _named(code: str, columns: Sequence[str]) -> str:
    """A finding as a truth names it: by its first column, or both of a pair that leaks."""
    return " ".join([code, *(sorted(columns) if code == "FC307" else columns[:1])])


def _rows(path: Path) -> dict[int, dict[str, Any]]:
    from fullcycle.core.engines.tables import ROW, read_snapshot, to_arrow

    return {row.pop(ROW): row for row in to_arrow(read_snapshot(path)).to_pylist()}


# --- the judge


def judge(case: Case) -> list[str]:
    """What differs from the truth, in words; nothing where the table is cleaned to it."""
    from fullcycle.core.errors import UserError

    with tempfile.TemporaryDirectory(prefix="fullcycle-") as folder:
        try:
            found = clean(case, Path(folder) / "project")
        except UserError as error:
            said = str(error)
            lacking = [word for word in case.truth.refused if word not in said]
            if case.truth.refused:
                return [f"the error does not name {word!r}: {said}" for word in lacking]
            return [f"refused: {said}"]
    if case.truth.refused:
        return ["not refused"]
    return [*differences(case.truth, found), *_told(case.truth, found)]


def differences(truth: Truth, found: Cleaned) -> Iterator[str]:
    """Rows, columns and cells that are not as they must be."""
    yield from _rows_kept(truth, found)
    yield from _split(truth, found)
    if truth.classes is not None and list(found.contract.classes) != truth.classes:
        yield f"classes are {found.contract.classes}, not {truth.classes}"
    unknown = [name for name in truth.columns if name not in {c.name for c in found.contract.columns}]
    if unknown:
        yield f"no column {unknown}; there are {[c.name for c in found.contract.columns]}"
        return
    for column in found.contract.columns:
        yield from _column(column, truth.columns.get(column.name, ColumnTruth()), found)
        if truth.left_alone:
            yield from _left_alone(column, found)


def _rows_kept(truth: Truth, found: Cleaned) -> Iterator[str]:
    gone = set(found.raw) - set(found.rows)
    dropped = {row for row in truth.gone_from_training if row not in found.test}
    if gone != set(truth.gone) | dropped:
        yield f"rows gone are {sorted(gone)}, not {sorted(set(truth.gone) | dropped)}"
    if truth.rows is not None and len(found.rows) != truth.rows:
        yield f"{len(found.rows)} rows remain, not {truth.rows}"


def _split(truth: Truth, found: Cleaned) -> Iterator[str]:
    wanted, split = truth.split, found.evidence.split
    if wanted is None:
        return
    if wanted.kind != split.kind or (wanted.column and wanted.column != split.column):
        yield f"split is {split.kind} by {split.column}"
    if wanted.apart:
        both = {row[wanted.apart] for row in found.train.values()} & {
            row[wanted.apart] for row in found.test.values()
        }
        if both:
            yield f"{wanted.apart} {sorted(map(str, both))} in train and test"
    if wanted.later and not (
        max(row[wanted.later] for row in found.train.values())
        < min(row[wanted.later] for row in found.test.values())
    ):
        yield f"train is not earlier than test by {wanted.later}"


def _column(column: Any, truth: ColumnTruth, found: Cleaned) -> Iterator[str]:
    name = column.name
    for key, wanted in (("type", truth.type), ("role", truth.role)):
        if wanted is not None and getattr(column, key).value != wanted:
            yield f"{key} of {name} is {getattr(column, key).value}, not {wanted}"
    missing = {row for row, cells in found.rows.items() if cells[name] is None}
    wanted_missing = set(found.rows) if truth.all_missing else set(truth.missing) & set(found.rows)
    if missing != wanted_missing:
        there = {row: found.raw.get(row, {}).get(name) for row in sorted(missing ^ wanted_missing)[:6]}
        yield f"missing in {name}: {len(missing)} rows, not {len(wanted_missing)}; they differ in {there}"
    for row, value in truth.cells.items():
        if row in found.rows and not _same(found.rows[row][name], value):
            yield f"{name} in row {row} is {found.rows[row][name]!r}, not {value!r}"
    if truth.values is not None:
        counted = dict(Counter(str(cells[name]) for cells in found.rows.values() if cells[name] is not None))
        if counted != truth.values:
            yield f"values of {name} are {counted}, not {truth.values}"


def _left_alone(column: Any, found: Cleaned) -> Iterator[str]:
    changed = [
        (found.raw[row][column.name], cells[column.name])
        for row, cells in found.rows.items()
        if not _same(cells[column.name], found.raw[row][column.name])
    ]
    if changed:
        yield f"{column.name} changed: {changed[:3]}"


def _same(value: Any, wanted: Any) -> bool:
    """Whether a cleaned value is what was meant, be it written as text."""
    if isinstance(value, bool):
        return value is wanted or str(wanted).lower() in (TRUE if value else FALSE)
    if isinstance(value, float):
        return wanted is not None and isclose(value, float(wanted), rel_tol=1e-9)
    if isinstance(value, datetime):
        return value == datetime.fromisoformat(str(wanted))
    return bool(value == wanted)


def _told(truth: Truth, found: Cleaned) -> Iterator[str]:
    lacking = [name for name in truth.told if name not in found.told]
    allowed = {*truth.told, *truth.may_be_told}
    alarms = [
        name
        for name in found.told
        if name in truth.not_told or (name.split()[0] in OF_DIRT and not allowed & {name, name.split()[0]})
    ]
    if lacking:
        yield f"not told: {lacking}"
    if alarms:
        yield f"told without need: {sorted(alarms)}"
    actions = {_named(d.code, [d.column] if d.column else []): d.action for d in found.evidence.decisions}
    for name, action in truth.decided.items():
        if actions.get(name) != action:
            yield f"{name} is decided as {actions.get(name)}, not {action}"
    yield from _proposed(truth, found)


def _proposed(truth: Truth, found: Cleaned) -> Iterator[str]:
    """Every value that a person is asked about, and no other; not where a person has decided."""
    for column in found.contract.columns:
        codes = {each.value for each in column.proposed_missing}
        asked = {*codes, *column.proposed_spelling, *column.proposed_formats}
        wanted = set(truth.proposed.get(column.name, ()))
        if asked != wanted and column.name not in truth.contract:
            yield f"proposed in {column.name}: {sorted(asked)}, not {sorted(wanted)}"


# --- the scoreboard


def scoreboard(judged: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[str]:
    """Tables and those cleaned to their truth, by kind; the clean ones are a kind of their own."""
    yield f"{'kind':<16} {'tables':>7} {'as they must be':>16}"
    for kind in dict.fromkeys(kind for kind, _ in judged):
        of = [wrong for (other, _), wrong in judged.items() if other == kind]
        yield f"{kind.replace('_', ' '):<16} {len(of):>7} {sum(not wrong for wrong in of):>16}"
    yield f"{'all':<16} {len(judged):>7} {sum(not wrong for wrong in judged.values()):>16}"


def figures(folder: Path) -> Iterator[Figure]:
    """The share of tables that are cleaned to their truth, for `make bench`."""
    wrong = [judge(case) for case in cases()]
    yield Figure(
        "dirty tables cleaned to their truth", sum(not each for each in wrong) / len(wrong), 1.0, "", "higher"
    )


def main() -> int:
    """Judge every table, or those whose kind or name has one of the words; exit 1 if one is not right."""
    words, started = sys.argv[1:], time.process_time()
    judged: dict[tuple[str, str], list[str]] = {}
    for case in cases():
        if words and not any(word in f"{case.kind}/{case.name}" for word in words):
            continue
        wrong = judged[case.kind, case.name] = judge(case)
        for line in wrong:
            print(f"  {case.kind}/{case.name}: {line}", flush=True)
    print(*scoreboard(judged), sep="\n")
    print(f"{time.process_time() - started:.0f} s of processor time")
    return 1 if any(judged.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
