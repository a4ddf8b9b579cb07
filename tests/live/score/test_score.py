"""Scoring a table: the API's answers for every row that it takes, whole or not at all, also after a kill."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from tests.core.bundle import conftest as by_hand
from tests.live.conftest import Client

from fullcycle.core.contract.model import Task
from fullcycle.core.engines.stream import Rows, stream_parquet
from fullcycle.core.engines.tables import connect
from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.settings import DataSettings, Join, ServeSettings
from fullcycle.core.sources.source import open_source
from fullcycle.live.score import joining
from fullcycle.live.score import run as scoring
from fullcycle.live.score.chunk import REASONS, SOURCE_ROW
from fullcycle.live.score.joined import rejected_beside
from fullcycle.live.score.joining import Joins
from fullcycle.live.score.run import Asked, Scored, score
from fullcycle.live.score.work import work_beside
from fullcycle.live.serve import create_app

ROWS = 40
PLANS = ("basic", "premium", None, "gold", " basic ")
BAD_ROWS = {3: "age: found 'old', expected a number", 17: "since: found 'soon', expected a date"}

Scores = Callable[..., Scored]


def rows() -> list[dict[str, Any]]:
    """As a CSV has them: texts; two of them break the contract, some have what no training row had."""
    made = [
        {
            "age": str(20 + number) if number % 7 else "",
            "income": str(10_000.5 * number),
            "plan": PLANS[number % len(PLANS)] or "",
            "active": ("true", "no", "")[number % 3],
            "since": f"20{10 + number % 14}-03-0{1 + number % 9}T10:00:00",
            "e-mail": f"p{number}@example.org",
            "note": f"row, {number}",
        }
        for number in range(ROWS)
    ]
    made[3]["age"], made[17]["since"] = "old", "soon"
    return made


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "people.csv"
    pa.csv.write_csv(pa.Table.from_pylist(rows()), path)
    return path


@pytest.fixture
def scores(source: Path, bundle_folder: Path, tmp_path: Path) -> Scores:
    """Score the table in chunks of 16 rows."""

    def scored(name: str = "out.parquet", **changes: Any) -> Scored:
        data = DataSettings(source=changes.pop("source", source.name))
        given = {"bundle": bundle_folder, "out": tmp_path / name, "root": source.parent, "chunk_rows": 16}
        return score(Asked(data=data, **{**given, **changes}))

    return scored


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_rows_get_the_answers_of_the_api_and_those_that_it_refuses_are_set_aside(
    kind: str, scores: Scores, bundle_folder: Path, regression_folder: Path, tmp_path: Path
) -> None:
    folder = bundle_folder if kind == "binary" else regression_folder
    done = scores(bundle=folder)
    assert (done.rows, done.answered, done.rejected) == (ROWS, ROWS - 2, 2)
    client = Client(create_app(folder, ServeSettings()))
    answered, rejected = pq.read_table(done.out).to_pylist(), pq.read_table(done.rejected_file).to_pylist()
    given = [row for number, row in enumerate(rows()) if number not in BAD_ROWS]
    said = client.post("/predict", json=given).json()
    assert [row["e-mail"] for row in answered] == [row["e-mail"] for row in given]
    for ours, theirs in zip(answered, said, strict=True):
        assert same(ours, theirs)
    for row, (number, reason) in zip(rejected, BAD_ROWS.items(), strict=True):
        assert row[SOURCE_ROW] == number
        assert row[REASONS].startswith(reason)
        refused = client.post("/predict", json=rows()[number])
        assert refused.status_code == 422
        [error] = refused.json()["errors"]
        assert row[REASONS] == f"{error['column']}: found {error['found']}, expected {error['expected']}"


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Equal labels, values within 1e-6 relative (DECISIONS 31)."""
    if "probabilities" not in theirs:
        return math.isclose(ours["prediction"], theirs["prediction"], rel_tol=1e-6)
    chances = theirs["probabilities"].items()
    return ours["prediction"] == theirs["prediction"] and all(
        math.isclose(ours[f"probability_{name}"], chance, rel_tol=1e-6, abs_tol=1e-9)
        for name, chance in chances
    )


def test_what_no_training_row_had_is_answered_and_counted(scores: Scores) -> None:
    assert scores().unexpected["plan"] == sum(row["plan"] == "gold" for row in rows())


def test_a_column_that_a_person_made_strict_sets_rows_aside(
    scores: Scores, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = by_hand.make_contract
    strict = lambda task: contract(task).model_copy(  # noqa: E731
        update={
            "columns": tuple(
                column.model_copy(update={"strict": column.name == "plan"})
                for column in contract(task).columns
            )
        }
    )
    monkeypatch.setattr(by_hand, "make_contract", strict)
    done = scores(bundle=by_hand.bundle_folder(tmp_path / "made"))
    assert "plan" not in done.unexpected
    aside = pq.read_table(done.rejected_file).to_pylist()
    assert {row["plan"] for row in aside if row[REASONS].startswith("plan: ")} == {"gold"}
    assert done.answered + done.rejected == ROWS


def test_csv_and_parquet_say_the_same_with_or_without_the_sources_columns(scores: Scores) -> None:
    whole = pq.read_table(scores().out).to_pylist()
    csv = pa.csv.read_csv(scores("out.csv").out).to_pylist()
    alone = pq.read_table(scores("alone.parquet", answers_only=True).out)
    assert [row["probability_yes"] for row in csv] == [row["probability_yes"] for row in whole]
    assert [row["note"] for row in csv] == [row["note"] for row in whole]
    assert alone.column_names[0] == SOURCE_ROW
    assert "note" not in alone.column_names
    assert alone["probability_yes"].to_pylist() == [row["probability_yes"] for row in whole]
    assert alone[SOURCE_ROW].to_pylist() == [at for at in range(ROWS) if at not in BAD_ROWS]


@pytest.fixture
def joins(source: Path) -> Callable[..., Joins]:
    """Incomes in a table of their own, by the e-mail; a source without them lies beside."""
    incomes = pa.Table.from_pylist([{"mail": row["e-mail"], "income": row["income"]} for row in rows()[:-1]])
    pa.csv.write_csv(incomes, source.parent / "incomes.csv")
    narrow = pa.Table.from_pylist([{k: v for k, v in row.items() if k != "income"} for row in rows()])
    pa.csv.write_csv(narrow, source.parent / "no incomes.csv")

    def declared(**given: Any) -> Joins:
        join = Join(source="incomes.csv", on={"e-mail": "mail"}, **given)
        contract = by_hand.make_contract(Task.binary)
        return Joins(DataSettings(source="people.csv", joins=[join]), source.parent, contract)

    return declared


@pytest.mark.parametrize("block", [7, 1000])
def test_declared_joins_give_the_columns_that_a_source_lacks(
    block: int, joins: Callable[..., Joins], scores: Scores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullcycle.core.engines.stream.ROWS_AT_LEAST", block)
    monkeypatch.setattr(joining, "BLOCK_ROWS", block)
    whole = pq.read_table(scores("whole.parquet").out).to_pylist()
    done = scores("joined.parquet", source="no incomes.csv", joins=joins())
    found = pq.read_table(done.out).to_pylist()
    assert [row["e-mail"] for row in found] == [row["e-mail"] for row in whole]
    answers = ("prediction", "probability_yes")
    for ours, theirs in zip(found[:-1], whole[:-1], strict=True):
        assert [ours[name] for name in answers] == [theirs[name] for name in answers]
    assert found[-1]["income"] is None  # no match: missing, as when it was collected
    there = scores("there.parquet", joins=joins())  # its columns are there: nothing is joined
    assert pq.read_table(there.out).to_pylist() == whole


def test_a_row_without_the_match_that_it_needs_is_set_aside_with_its_reason(
    joins: Callable[..., Joins], scores: Scores
) -> None:
    left = pq.read_table(scores("left.parquet", source="no incomes.csv", joins=joins()).out)
    done = scores("inner.parquet", source="no incomes.csv", joins=joins(how="inner"))
    assert pq.read_table(done.out).to_pylist() == left.to_pylist()[:-1]
    assert done.rejected_file is not None
    [*_, last] = pq.read_table(done.rejected_file).to_pylist()
    assert last["source_row"] == ROWS - 1
    assert last["rejected_because"] == "e-mail: found no match in incomes.csv, expected one (how: inner)"


KILLED = """
import json, os, signal, sys
from pathlib import Path
from fullcycle.core.project.settings import DataSettings
from fullcycle.live.score import run as scoring
from fullcycle.live.score.run import Asked, score
from fullcycle.live.score.work import Work

source, bundle, out, moment = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]

def dies():
    os.kill(os.getpid(), signal.SIGKILL)

if moment == "between part and journal":
    from fullcycle.live.score import work
    real, calls = work.append_line, []
    def append_line(path, record):
        calls.append(record)
        if len(calls) == 3:
            dies()
        real(path, record)
    work.append_line = append_line
elif moment == "after a part":
    real = Work.finish
    def finish(self, number, *given):
        part = real(self, number, *given)
        if number == 1:
            dies()
        return part
    Work.finish = finish
elif moment == "between the two files":
    real = scoring.join_parts
    def join_parts(parts, target):
        if target == out:
            dies()
        real(parts, target)
    scoring.join_parts = join_parts
elif moment == "before the work is removed":
    Work.remove = lambda self: dies()
score(Asked(DataSettings(source=source.name), source.parent, bundle, out, chunk_rows=16))
"""


@pytest.mark.parametrize(
    ("moment", "resumed"),
    [
        ("between part and journal", 1),
        pytest.param("after a part", 2, marks=pytest.mark.nightly),
        ("between the two files", 3),
        pytest.param("before the work is removed", 3, marks=pytest.mark.nightly),
    ],
)
def test_a_scoring_that_was_killed_goes_on_without_a_lost_or_doubled_row(
    moment: str, resumed: int, scores: Scores, source: Path, bundle_folder: Path
) -> None:
    expected = scores("expected.parquet")
    tmp_path = expected.out.parent
    out = tmp_path / "out.parquet"
    killed = subprocess.run([sys.executable, "-c", KILLED, source, bundle_folder, out, moment], check=False)
    assert killed.returncode == -9
    assert out.exists() == (moment == "before the work is removed")
    done = scores(resume=True)
    assert done.resumed == resumed
    assert pq.read_table(out).equals(pq.read_table(expected.out))
    rejects = [pq.read_table(rejected_beside(path)) for path in (out, expected.out)]
    assert rejects[0].equals(rejects[1])
    assert not list(tmp_path.glob(".*"))


def test_work_under_way_is_for_one_process_and_goes_on_under_the_same_plan_alone(
    scores: Scores, regression_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with work_beside(tmp_path / "out.parquet"), pytest.raises(UserError, match="another `fullcycle score`"):
        scores()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scoring, "_put_together", interrupted)
        with pytest.raises(KeyboardInterrupt):
            scores()
    with pytest.raises(UserError, match="without --resume begins anew"):
        scores(resume=True, bundle=regression_folder)
    assert scores(resume=True).resumed == 3
    assert scores(resume=True).resumed == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "out.xlsx"}, r"ends in \.parquet or \.csv"),
        ({"source": "nowhere.csv"}, "nowhere.csv"),
        ({"source": "narrow.csv"}, r"narrow\.csv: found no column"),
        ({"source": "named.csv"}, "--answers-only"),
    ],
)
def test_what_cannot_be_scored_is_told_and_leaves_no_file(
    changes: dict[str, Any], told: str, scores: Scores, source: Path, tmp_path: Path
) -> None:
    (source.parent / "narrow.csv").write_text("age,note\n1,a\n2,b\n")
    named = pa.Table.from_pylist([{**row, "prediction": "yes"} for row in rows()])
    pa.csv.write_csv(named, source.parent / "named.csv")
    with pytest.raises(UserError, match=told):
        scores(**changes)
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]


def test_golden_rows_are_proven_before_the_first_row_is_read(
    scores: Scores, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def other_answers(*_: object, **__: object) -> None:
        raise CheckFailed(where="golden rows", found="other answers")

    monkeypatch.setattr("fullcycle.core.bundle.read.prove_golden_rows", other_answers)
    with pytest.raises(CheckFailed, match="golden rows"):
        scores(source="nowhere.csv")
    assert list(tmp_path.iterdir()) == []


def test_queries_are_compiled_for_the_first_chunk_and_no_other(
    scores: Scores, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, compiled = type(connect()), list[object]()
    real = backend.compile

    def counted(*given: Any, **more: Any) -> Any:
        compiled.append(given)
        return real(*given, **more)

    monkeypatch.setattr(backend, "compile", counted)
    scores(chunk_rows=ROWS)
    in_one = len(compiled)
    compiled.clear()
    assert scores(chunk_rows=1).answered == ROWS - 2
    assert len(compiled) == in_one > 0


@pytest.mark.parametrize("name", ["people.csv", "people.parquet", "people.jsonl"])
def test_a_source_that_is_streamed_is_read_as_collect_reads_it(
    name: str, source: Path, tmp_path: Path
) -> None:
    """The same columns of the same types, the same rows in the same order."""
    table = pa.csv.read_csv(source)
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_bytes(source.read_bytes())
    elif name.endswith("parquet"):
        pq.write_table(table, path, row_group_size=7)
    else:
        path.write_text("".join(f"{json.dumps(row, default=str)}\n" for row in table.to_pylist()))
    read = [tmp_path / "sorted.parquet", tmp_path / "streamed.parquet"]
    for at, write in zip(read, (write_parquet, stream_parquet), strict=True):
        open_source(DataSettings(source=str(path)), tmp_path, snapshot=at, write=write).close()
    collected, streamed = (pq.read_table(at) for at in read)
    assert [(field.name, field.type) for field in streamed.schema] == [
        (field.name, field.type) for field in collected.schema
    ]
    assert streamed.to_pylist() == collected.to_pylist()
    with closing(Rows(read[1])) as rows:
        assert pa.concat_tables([rows.read(start, 9) for start in range(0, ROWS, 9)]).equals(streamed)


def test_a_line_that_is_wrong_is_named_while_it_is_streamed(scores: Scores, source: Path) -> None:
    (source.parent / "ragged.csv").write_text("age,note\n" + "1,a\n" * 50_000 + "1,a,b\n")
    with pytest.raises(UserError, match=r"ragged\.csv, line 50002"):
        scores(source="ragged.csv")


MEMORY = """
import json, sys, threading
from pathlib import Path
import psutil
from fullcycle.core.project.settings import DataSettings
from fullcycle.live.score.run import Asked, score

source, bundle, out = (Path(argument) for argument in sys.argv[1:4])
peak, ends, here = [0], threading.Event(), psutil.Process()
def watch():
    while not ends.wait(0.01):
        peak[0] = max(peak[0], here.memory_info().rss)
threading.Thread(target=watch, daemon=True).start()
asked = Asked(DataSettings(source=source.name), source.parent, bundle, out, chunk_rows=20_000)
print(json.dumps({"answered": score(asked).answered, "peak": peak[0]}))
"""


@pytest.mark.nightly
def test_memory_does_not_grow_with_rows(bundle_folder: Path, tmp_path: Path) -> None:
    some = pa.Table.from_pylist([row for number, row in enumerate(rows()) if number not in BAD_ROWS])

    def peak_mb(times: int) -> float:
        path = tmp_path / f"{times}.parquet"
        with pq.ParquetWriter(path, some.schema) as writer:
            for _ in range(times // 1000):
                writer.write_table(pa.concat_tables([some] * 1000).combine_chunks())
        command = [sys.executable, "-c", MEMORY, path, bundle_folder, tmp_path / "out.parquet"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        assert told["answered"] == times * some.num_rows
        return float(told["peak"]) / 1e6

    few, many = peak_mb(2_000), peak_mb(12_000)
    assert many < 1.3 * few, f"{few:.0f} MB, and {many:.0f} MB for six times as many rows"
