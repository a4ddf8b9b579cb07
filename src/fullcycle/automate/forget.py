"""One person's rows out of tables: the project's own files, `data/`, and every version in DVC's cache.

What lies elsewhere (a database, another folder, a remote of DVC, git's history) is named only.
Past bundles whose tables held the person can't be made again afterwards: that is the price, and it is told.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.automate.repository import open_dvc
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line
from fullcycle.core.project.dvc_lock import LOCK, outputs_of
from fullcycle.core.project.files import write_bytes_atomically, written_aside
from fullcycle.core.project.git import blobs, git
from fullcycle.core.sources.kinds import local_files

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.project.project import Project

RECORD = "forgotten.jsonl"  # in evidence/, in git: append-only
RAW, MADE = "data/raw.parquet", ("data/train.parquet", "data/test.parquet", "data/oof.parquet")
SEPARATORS = (",", ";", "\t", "|")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Table:
    """A table with rows of the person: how many, by the project's name for the file."""

    name: str
    rows: int


@dataclass(frozen=True)
class Person:
    """What of a person was found. `cached` are in DVC's cache; `elsewhere` is left to its keepers."""

    tables: tuple[Table, ...]
    cached: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def rows(self) -> int:
        """In all tables of the folder."""
        return sum(each.rows for each in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def forget_in_tables(project: Project, key: str, value: str, *, really: bool) -> Person:
    """Count the person's rows; with `really`, write each table anew without them and drop old versions."""
    sources, elsewhere = _sources(project)
    tables = [*_of_sources(project, sources, key, value, really=really)]
    elsewhere += [name for name, count in tables if count is None]
    elsewhere += _copies(project, [name for name, count in tables if count])
    elsewhere += [f"{name}, which names the value until the next run" for name in _told_in(project, value)]
    found = [Table(name, count) for name, count in tables if count]
    cached = _cached(project, key, value)
    found += _of_data(project, key, value, really=really)
    if really:
        for path in cached:
            path.unlink(missing_ok=True)
    return Person(
        tuple(found), tuple(str(path.relative_to(project.root)) for path in cached), tuple(elsewhere)
    )


def record_forgetting(project: Project, key: str, digest: str, found: dict[str, Any], who: str) -> None:
    """One line of `evidence/forgotten.jsonl`: the key's name, a salted hash of its value, what was found."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": who, "key": key, "hash": digest}
    append_line(project.paths.evidence / RECORD, {**line, **found})


def _sources(project: Project) -> tuple[list[str], list[str]]:
    """Files below the project that tables come from, and every source that is none."""
    settings = project.settings
    data = settings.data
    named = [data.source, *(join.source for join in data.joins), *([data.labels] if data.labels else [])]
    named += [lookup.source for lookup in settings.lookups.values()]
    named += ["data/served.parquet"] if project.paths.served.is_file() else []
    inside, elsewhere = [], []
    for name in dict.fromkeys(named):
        files = local_files(name, project.root)
        own = [
            path for path in files if (project.root / path).resolve().is_relative_to(project.root.resolve())
        ]
        inside += own
        if not files or len(own) < len(files):
            elsewhere.append(name)
    return list(dict.fromkeys(inside)), elsewhere


def _told_in(project: Project, value: str) -> list[str]:
    """Evidence that has the value as an example: rows that repeat are shown side by side."""
    quoted = json.dumps(value, ensure_ascii=False)
    paths = sorted(project.paths.evidence.glob("*.json"))
    return [f"evidence/{path.name}" for path in paths if quoted in path.read_text(encoding="utf-8")]


def _copies(project: Project, names: list[str]) -> list[str]:
    """Where older versions of the person's tables may lie, out of reach of this folder."""
    copies = [f"git's history of {name}" for name in names if git(project.root, "ls-files", "--", name)]
    copies += [f"DVC's cache, for {name}.dvc" for name in names if (project.root / f"{name}.dvc").exists()]
    with open_dvc(project) as repo:
        return [*copies, *(f"DVC's remote {name}" for name in repo.config["remote"])]


def _of_sources(
    project: Project, names: list[str], key: str, value: str, *, really: bool
) -> Iterator[tuple[str, int | None]]:
    """Each file with its rows of the person; None for a file of a kind that is not written here."""
    for name in names:
        path = project.root / name
        if path.suffix == ".parquet":
            yield name, _parquet_without(path, key, value, really=really)
        elif path.suffix in (".csv", ".tsv", ".txt") and path.read_bytes()[:2] not in UTF_16:
            yield name, _text_without(path, key, value, really=really)
        else:
            yield name, None


def _text_without(path: Path, key: str, value: str, *, really: bool) -> int:
    """Records of a text file with the value, dropped; every other record stays as it was, byte by byte."""
    # Latin-1 gives each byte a character and back, so the bytes of any encoding that extends ASCII survive.
    records = list(_records(path.read_bytes().decode("latin-1")))
    wanted = {value.encode(code, errors="replace").decode("latin-1") for code in ("utf-8", "cp1251")}
    separator = max(SEPARATORS, key=records[0].count) if records else ","
    header = next(csv.reader([records[0].removeprefix("ï»¿")], delimiter=separator), []) if records else []
    names = [name.strip().encode("latin-1").decode("utf-8", errors="replace") for name in header]
    if key not in names:
        return 0
    at = names.index(key)
    kept = [records[0], *(each for each in records[1:] if _cell(each, at, separator) not in wanted)]
    if really and len(kept) < len(records):
        write_bytes_atomically(path, "".join(kept).encode("latin-1"))
    return len(records) - len(kept)


def _records(text: str) -> Iterator[str]:
    """Lines, those of a quoted cell that goes on together."""
    waiting = ""
    for line in StringIO(text, newline="\n"):
        waiting += line
        if waiting.count('"') % 2 == 0:
            yield waiting
            waiting = ""
    if waiting:
        yield waiting


def _cell(record: str, at: int, separator: str) -> str | None:
    cells = next(csv.reader([record], delimiter=separator), [])
    return cells[at].strip() if at < len(cells) else None


def _of_data(project: Project, key: str, value: str, *, really: bool) -> Iterator[Table]:
    """`data/`: the snapshot by its key, what was made of it by the numbers of its rows."""
    raw = project.root / RAW
    if not raw.exists():
        return
    numbers = _row_numbers(raw, key, value)
    for name in (*MADE, RAW) if numbers else ():
        path = project.root / name
        if path.exists() and (count := _rows_without(path, numbers, really=really)):
            yield Table(name, count)


def _row_numbers(raw: Path, key: str, value: str) -> set[int]:
    import pyarrow.parquet as pq

    names = pq.read_schema(raw).names
    if key not in names:
        return set()
    table = _numbered(pq.read_table(raw, columns=[name for name in names if name in (key, ROW)]))
    pairs = zip(table[ROW].to_pylist(), table[key].to_pylist(), strict=True)
    return {number for number, cell in pairs if cell is not None and str(cell).strip() == value}


def _numbered(snapshot: pa.Table) -> pa.Table:
    """With row numbers: a snapshot that is a copy of its source has none of its own."""
    import pyarrow as pa

    if ROW in snapshot.column_names:
        return snapshot
    return snapshot.append_column(ROW, pa.array(range(snapshot.num_rows), pa.int64()))


def _rows_without(path: Path, numbers: set[int], *, really: bool) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    if path.name == Path(RAW).name:
        table = _numbered(table)
    if ROW not in table.column_names:
        return 0
    kept = table.filter(pa.array([number not in numbers for number in table[ROW].to_pylist()]))
    if really and kept.num_rows < table.num_rows:
        with written_aside(path) as aside:
            pq.write_table(kept, aside)
    return int(table.num_rows - kept.num_rows)


def _parquet_without(path: Path, key: str, value: str, *, really: bool) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    if key not in table.column_names:
        return 0
    kept = table.filter(pa.array([str(cell) != value for cell in table[key].to_pylist()]))
    if really and kept.num_rows < table.num_rows:
        with written_aside(path) as aside:
            pq.write_table(kept, aside)
    return int(table.num_rows - kept.num_rows)


def _cached(project: Project, key: str, value: str) -> list[Path]:
    """Contents of the cache that hold the person, of every commit and of the folder: snapshots with the
    value, and the tables that were made of them."""
    with open_dvc(project) as repo:
        cache = repo.cache.local
        if not Path(cache.path).resolve().is_relative_to(project.root.resolve()):
            raise UserError(
                where=str(cache.path),
                found="a cache of DVC that lies outside the project, so others may use it",
                expected="a cache of the project's own",
                hint="remove the person in each project that shares it; then `dvc gc` frees what none needs",
            )
        found: dict[Path, None] = {}
        for lock in dict.fromkeys(_locks(project)):
            contents = {
                out["path"]: Path(cache.oid_to_path(out["md5"])) for out in outputs_of(lock) if "md5" in out
            }
            raw = contents.get(RAW)
            if raw is not None and raw.exists() and _row_numbers(raw, key, value):
                found |= dict.fromkeys(contents[name] for name in (RAW, *MADE) if name in contents)
    return [path for path in found if path.exists()]


def _locks(project: Project) -> Iterator[bytes]:
    path = project.root / LOCK
    if path.exists():
        yield path.read_bytes()
    commits = git(project.root, "log", "--all", "--format=%H", "--", LOCK, check=False).split()
    yield from (lock for lock in blobs(project.root, [f"{each}:./{LOCK}" for each in commits]) if lock)
