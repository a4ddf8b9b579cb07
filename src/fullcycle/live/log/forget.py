"""One person's answers out of the prediction log: records whose inputs hold a value under a name.

A part or file without them gets its name by one rename, as everywhere; what a running server writes to is
left and named. A personal column holds a salted hash, which is compared with that of the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import held_alone, write_bytes_atomically, written_aside
from fullcycle.live.log.compact import LOCK
from fullcycle.live.log.files import is_held, part_files, raw_files
from fullcycle.live.log.personal import hashed
from fullcycle.live.log.record import read_records, without

Asked = tuple[str, int]  # request id and row: what an outcome belongs to


@dataclass(frozen=True)
class Forgotten:
    """`records` are answers and outcomes; `held` files are being written to and were not looked into."""

    records: int
    files: tuple[str, ...]
    held: tuple[str, ...]


def forget_in_log(folder: Path, key: str, value: str, salt: bytes, *, really: bool) -> Forgotten:
    """Count the person's records; with `really`, write every file that holds some anew without them."""
    if not folder.is_dir():
        return Forgotten(0, (), ())
    busy = UserError(
        where=str(folder), found="a compaction that is under way", hint="try again when it is done"
    )
    with held_alone(folder / LOCK, busy):
        wanted = {value, hashed(value, salt)}
        files = [file.path for file in raw_files(folder)]
        held = tuple(path.name for path in files if is_held(path))
        files = [path for path in files if path.name not in held]
        parts = [part.path for part in part_files(folder)]
        asked = {each for path in files for each in _asked_in_file(path, key, wanted)}
        asked |= {each for path in parts for each in _asked_in_part(path, key, wanted)}
        counts = {path: _without(path, asked, really=really) for path in (*files, *parts)} if asked else {}
    changed = {path.name: count for path, count in counts.items() if count}
    return Forgotten(sum(changed.values()), tuple(changed), held)


def _asked_in_file(path: Path, key: str, wanted: set[str | None]) -> list[Asked]:
    return [_name(each) for each in read_records(path) if each and _fits(each.get("inputs"), key, wanted)]


def _asked_in_part(path: Path, key: str, wanted: set[str | None]) -> list[Asked]:
    import pyarrow.parquet as pq

    rows = pq.read_table(path, columns=["request_id", "row", "inputs"]).to_pylist()
    return [_name(row) for row in rows if row["inputs"] and _fits(orjson.loads(row["inputs"]), key, wanted)]


def _fits(inputs: Any, key: str, wanted: set[str | None]) -> bool:
    if not isinstance(inputs, dict) or inputs.get(key) is None:
        return False
    told = inputs[key]
    whole = isinstance(told, float) and told.is_integer()
    return str(int(told) if whole else told) in wanted or str(told) in wanted


def _name(record: dict[str, Any]) -> Asked:
    return str(record["request_id"]), int(record["row"])


def _without(path: Path, asked: set[Asked], *, really: bool) -> int:
    return (_file_without if path.suffix == ".jsonl" else _part_without)(path, asked, really=really)


def _file_without(path: Path, asked: set[Asked], *, really: bool) -> int:
    lines = path.read_bytes().splitlines(keepends=True)
    rests = [without(line, lambda record: _name(record) in asked) for line in lines]
    gone = sum(count for _, count in rests)
    if really and gone:
        write_bytes_atomically(path, b"".join(rest for rest, _ in rests))
    return gone


def _part_without(path: Path, asked: set[Asked], *, really: bool) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    names = zip(table["request_id"].to_pylist(), table["row"].to_pylist(), strict=True)
    kept = table.filter(pa.array([(str(request), int(row)) not in asked for request, row in names]))
    if really and kept.num_rows < table.num_rows:
        with written_aside(path) as aside:
            pq.write_table(kept, aside, compression="zstd")  # with its metadata: the files it took over
    return int(table.num_rows - kept.num_rows)
