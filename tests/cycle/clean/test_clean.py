"""Clean: what goes, what stays, and that every decision is on record."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.evidence import CleanEvidence
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.clean_settings import CleanSettings
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import SplitSettings
from fullcycle.cycle.clean.stage import run
from fullcycle.cycle.collect.stage import run as collect

CONTRACT = contract_of(
    {"id": "text identifier", "age": "numeric", "plan": "categorical", "churn": "categorical target"},
    ["no", "yes"],
)
HEADER = "id,age,plan,churn\n"
ROWS = [f"{i},{20 + i},{'basic' if i % 4 else 'full'},{'yes' if i % 3 == 0 else 'no'}" for i in range(60)]


def text(*more: str, rows: list[str] = ROWS, header: str = HEADER) -> str:
    return header + "\n".join([*rows, *more]) + "\n"


def cleaned(project: Project) -> CleanEvidence:
    collect(project)
    return run(project)


def part(project: Project, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(project.paths.data / f"{name}.parquet").to_pylist()
    return rows


def both(project: Project) -> list[dict[str, Any]]:
    return sorted(part(project, "train") + part(project, "test"), key=lambda row: row[ROW])


def decision(evidence: CleanEvidence, code: str, column: str | None = None) -> Decision:
    [found] = [d for d in evidence.decisions if d.code == code and (column is None or d.column == column)]
    return found


def refusal(project: Project) -> UserError:
    collect(project)
    with pytest.raises(UserError) as caught:
        run(project)
    assert caught.value.hint
    assert not project.paths.train.exists()
    assert not [path for path in project.paths.data.iterdir() if path.name != "raw.parquet"]
    return caught.value


def test_a_clean_table_is_left_alone(make_project: Any) -> None:
    project = make_project(text(), CONTRACT)
    evidence = cleaned(project)
    assert [(d.code, d.action) for d in evidence.decisions] == [("FC107", "left_out")]
    assert (evidence.rows_in, evidence.rows_out) == (60, 60)
    assert [row[ROW] for row in both(project)] == list(range(60))
    assert both(project)[5] == {ROW: 5, "id": "5", "age": 25.0, "plan": "basic", "churn": "no"}
    assert read_evidence(project.paths.evidence, CleanEvidence) == evidence
    assert evidence.split.test_sha256 == hashlib.sha256(project.paths.test.read_bytes()).hexdigest()


def test_copies_go_and_the_first_stays(make_project: Any) -> None:
    project = make_project(text("5,25,basic,no", "5, 25.0 ,basic,no", "97,33,full,no"), CONTRACT)
    evidence = cleaned(project)
    found = decision(evidence, "FC201")
    assert (found.rows, found.examples, found.action) == (2, ("60", "61"), "drop")
    assert found.facts == {"compared": 4}
    assert {row["id"] for row in both(project)} == {*map(str, range(60)), "97"}


def test_rows_that_differ_in_their_key_alone_are_no_copies(make_project: Any) -> None:
    project = make_project(text("98,25,basic,no", "99,25,basic,no"), CONTRACT)
    assert cleaned(project).rows_out == 62


def test_copies_stay_if_the_settings_say_so(make_project: Any) -> None:
    project = make_project(text("5,25,basic,no"), CONTRACT, clean=CleanSettings(duplicates="keep"))
    evidence = cleaned(project)
    assert decision(evidence, "FC201").action == "keep"
    assert evidence.rows_out == 61


def test_copies_with_gaps_are_copies(make_project: Any) -> None:
    project = make_project(text("97,,basic,no", "97,,basic,no", "99,,,no"), CONTRACT)
    assert decision(cleaned(project), "FC201").examples == ("61",)


def test_repeated_keys_are_reported_or_reduced_to_the_first(make_project: Any) -> None:
    source = text("7,70,full,yes", "8,80,full,no", "8,81,full,no", ",1,full,no", ",2,full,no")
    reported = decision(cleaned(make_project(source, CONTRACT)), "FC202", "id")
    assert (reported.rows, reported.action, reported.examples) == (5, "report", ("7", "8", "60", "61", "62"))
    project = make_project(source, CONTRACT, name="first", clean=CleanSettings(duplicate_keys="keep_first"))
    reduced = decision(cleaned(project), "FC202", "id")
    assert (reduced.rows, reduced.action, reduced.examples) == (3, "keep_first", ("60", "61", "62"))
    assert Counter(row["id"] for row in both(project))["8"] == 1


def test_rows_without_a_target_go(make_project: Any) -> None:
    project = make_project(text("98,1,full,", "99,2,full,  "), CONTRACT)
    assert decision(cleaned(project), "FC203", "churn").rows == 2
    assert len(both(project)) == 60


def test_contradictions_are_reported_or_dropped_and_numbers_contradict_nothing(make_project: Any) -> None:
    source = text("98,25,basic,yes", "99,25,basic,yes")
    evidence = cleaned(make_project(source, CONTRACT))
    assert decision(evidence, "FC204").rows == 3
    assert decision(evidence, "FC204").examples == ("5", "60", "61")
    project = make_project(source, CONTRACT, name="drop", clean=CleanSettings(contradictions="drop"))
    assert decision(cleaned(project), "FC204").action == "drop"
    assert 25.0 not in {row["age"] for row in both(project)}
    numbers = contract_of({"id": "text identifier", "age": "numeric", "plan": "categorical target"})
    with_numbers = numbers.model_copy(
        update={"columns": (*numbers.columns[:2], numbers.columns[2].model_copy(update={"type": "numeric"}))}
    )
    rows = [f"{i},{i // 2},{i}" for i in range(40)]
    project = make_project(text(rows=rows, header="id,age,plan\n"), with_numbers, name="n")
    assert [d.code for d in cleaned(project).decisions] == ["FC107"]


def test_cells_out_of_type_become_missing_and_are_on_record(make_project: Any) -> None:
    project = make_project(text("99,old,full,yes"), CONTRACT)
    evidence = cleaned(project)
    found = decision(evidence, "FC102", "age")
    assert (found.rows, found.examples, found.action) == (1, ("old",), "null")
    assert both(project)[60]["age"] is None


def test_missing_values_are_counted_on_training_rows_and_never_filled_in_the_table(make_project: Any) -> None:
    more = [f"{i},,{'basic' if i % 2 else ''},{'yes' if i % 5 else 'no'}" for i in range(100, 140)]
    rows = [row + f",{i}" for i, row in enumerate(ROWS + more)]
    contract = contract_of(
        {
            "id": "text identifier",
            "age": "numeric",
            "plan": "categorical",
            "churn": "categorical target",
            "n": "numeric",
        },
        ["no", "yes"],
    )
    project = make_project(text(rows=rows, header="id,age,plan,churn,n\n"), contract)
    evidence = cleaned(project)
    train = part(project, "train")
    age, plan = decision(evidence, "FC206", "age"), decision(evidence, "FC206", "plan")
    assert age.rows == sum(row["age"] is None for row in train) > 20
    assert age.before is not None
    ages = sorted(row["age"] for row in train if row["age"] is not None)
    assert age.before.min == ages[0]
    assert age.before.max == ages[-1]
    policies = {policy.column: policy for policy in evidence.policies}
    assert policies["age"].missing == "model"
    assert policies["age"].indicator
    assert policies["age"].fill == age.before.median
    assert not policies["n"].indicator
    assert plan.action == policies["plan"].missing == "own_category"
    assert plan.before is not None
    assert plan.after is not None
    assert (plan.before.mode, plan.after.missing) == ("basic", 0)


OUTLIER_ROWS = [f"{i},{20 + i % 30},{i},{'yes' if i % 3 == 0 else 'no'}" for i in range(200)]
OUTLIERS = text("900,5000,201,no", "901,-4000,202,yes", "902,4000,203,no", rows=OUTLIER_ROWS)
NUMBERS = contract_of(
    {"id": "text identifier", "age": "numeric", "plan": "numeric", "churn": "categorical target"},
    ["no", "yes"],
)


def outliers(make_project: Any, action: str, seed: int = 0) -> tuple[Project, CleanEvidence]:
    project = make_project(
        OUTLIERS, NUMBERS, name=f"{action}{seed}", clean=CleanSettings(outliers=action), seed=seed
    )
    return project, cleaned(project)


def test_outliers_are_kept_and_told_by_default(make_project: Any) -> None:
    project, evidence = outliers(make_project, "keep")
    train = [row["age"] for row in part(project, "train")]
    found = decision(evidence, "FC205", "age")
    assert found.rows == sum(not -60 < age < 120 for age in train) > 0
    assert found.action == "keep"
    assert found.before is not None
    assert found.histogram_before is not None
    assert sum(found.histogram_before.counts) == len(train)
    assert found.after is None
    assert len(both(project)) == 203


def test_clipping_is_a_policy_of_the_model_and_shows_what_it_will_do(make_project: Any) -> None:
    project, evidence = outliers(make_project, "clip")
    found = decision(evidence, "FC205", "age")
    policy = next(p for p in evidence.policies if p.column == "age")
    assert policy.clip
    assert found.after is not None
    assert (found.after.rows, found.after.max) == (evidence.split.train_rows, policy.upper)
    without = next(p for p in evidence.policies if p.column == "plan")
    assert without.outliers == "clip"  # the limits hold where training had no outlier, too
    assert not [d for d in evidence.decisions if d.column == "plan"]
    assert {5000.0, -4000.0, 4000.0} < {row["age"] for row in both(project)}


def test_dropping_outliers_touches_training_rows_only(make_project: Any) -> None:
    for seed in range(3):
        before, _ = outliers(make_project, "keep", seed)
        after, evidence = outliers(make_project, "drop_row", seed)
        assert after.paths.test.read_bytes() == before.paths.test.read_bytes()
        gone = {row[ROW] for row in part(before, "train")} - {row[ROW] for row in part(after, "train")}
        assert gone == {row[ROW] for row in part(before, "train") if not -60 < row["age"] < 120}
        assert evidence.split.train_rows == len(part(after, "train"))
        assert evidence.rows_out == 203 - len(gone)


def test_fences_are_learned_without_the_test_rows(make_project: Any) -> None:
    """Whatever the test rows hold, what was learned from train stays as it was."""
    project, evidence = outliers(make_project, "keep")
    tested = {row[ROW] for row in part(project, "test")}
    lines = OUTLIERS.splitlines()
    wild = [line if i - 1 not in tested else line.replace(",", ",9", 1) for i, line in enumerate(lines)]
    other = make_project("\n".join(wild) + "\n", NUMBERS, name="wild")
    assert cleaned(other).policies == evidence.policies


def test_values_of_personal_columns_are_in_no_decision(make_project: Any) -> None:
    secret = {"personal": True}
    columns = {
        "id": "text identifier",
        "age": "numeric",
        "plan": "categorical",
        "churn": "categorical target",
    }
    contract = contract_of(columns, ["no", "yes"], plan=secret, age=secret, id=secret)
    rows = [
        f"{i},{20 + i % 30},{'Smith' if i % 4 else ''},{'yes' if i % 3 == 0 else 'no'}" for i in range(90)
    ]
    project = make_project(text("777,123456,Jones,no", "778,hidden,Jones,no", rows=rows), contract)
    cleaned(project)
    content = (project.paths.evidence / "clean.json").read_text()
    assert not [word for word in ("Smith", "Jones", "hidden") if word in content]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["1,20,basic,yes"], "1 row with a target"),
        ([f"{i},{i},basic,yes" for i in range(40)], "one class, 'yes', in all rows"),
        ([f"{i},{i},basic," for i in range(40)], "no value in any of 40 rows"),
        ([f"{i},{i},basic,{'yes' if i else 'no'}" for i in range(40)], "1 row of class 'no'"),
        ([f"{i},{i},basic,{'yes' if i % 2 else 'perhaps'}" for i in range(40)], "20 rows of class 'perhaps'"),
    ],
)
def test_a_target_that_teaches_nothing_is_an_error(make_project: Any, rows: list[str], found: str) -> None:
    assert refusal(make_project(text(rows=rows), CONTRACT)).found == found


def test_a_table_of_copies_says_how_many_rows_are_left(make_project: Any) -> None:
    rows = [f"1,7,basic,{'yes' if i % 2 else 'no'}" for i in range(150)]
    assert (
        refusal(make_project(text(rows=rows), CONTRACT)).found == "2 rows with a target and not alike, of 150"
    )


def test_without_a_feature_there_is_nothing_to_clean_for(make_project: Any) -> None:
    contract = contract_of({"id": "text identifier", "churn": "categorical target"}, ["no", "yes"])
    error = refusal(make_project(text(), contract))
    assert (error.where, error.found) == ("contract.yaml", "no column with role feature that a model can use")


def test_a_constant_number_is_no_target(make_project: Any) -> None:
    contract = contract_of({"x": "numeric", "y": "numeric target"})
    error = refusal(make_project("x,y\n" + "".join(f"{i},7\n" for i in range(40)), contract))
    assert (error.where, error.found) == ("column y (the target)", "the same value, 7, in all 40 rows")


def test_a_class_that_is_rare_is_a_warning(make_project: Any) -> None:
    rows = [f"{i},{i},basic,{'yes' if i > 5 else 'no'}" for i in range(90)]
    evidence = cleaned(make_project(text(rows=rows), CONTRACT))
    [found] = [f for f in evidence.findings if f.code == "FC208"]
    assert found.facts == {"class": "no", "rows": 5}


def test_telco_has_its_22_copies(make_project: Any, telco: Any) -> None:
    names = telco.read_text().splitlines()[0].split(",")
    numbers = {"tenure", "monthly_charges", "total_charges"}
    kinds = {name: "numeric" if name in numbers else "categorical" for name in names}
    evidence = cleaned(
        make_project(telco, contract_of(kinds | {"churn": "categorical target"}, ["No", "Yes"]))
    )
    assert decision(evidence, "FC201").rows == 22
    assert evidence.rows_out == 7021
    assert decision(evidence, "FC206", "total_charges").rows <= 11
    assert evidence.target.classes is not None
    assert sum(evidence.target.classes.values()) == evidence.split.train_rows == 5617


@pytest.mark.nightly
def test_the_same_source_and_seed_give_the_same_bytes_on_any_threads(
    make_project: Any, tests_data: Any
) -> None:
    kinds = {
        "late": "boolean target",
        "carrier": "categorical",
        "dest": "categorical",
        "dep_delay": "numeric",
    }
    contract = contract_of(kinds, ["false", "true"])
    connection = connect().con
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    seen = set()
    try:
        for number in (1, 2, 2, 4):
            connection.execute(f"SET threads = {number}")
            project = make_project(
                tests_data / "nyc_flights.parquet", contract, name=f"run{len(seen)}{number}"
            )
            evidence = cleaned(project).model_copy(update={"run": None})
            files = (project.paths.raw, project.paths.train, project.paths.test)
            seen.add(
                (
                    evidence.model_dump_json(),
                    *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files),
                )
            )
    finally:
        connection.execute(f"SET threads = {threads}")
    assert len(seen) == 1


def test_another_seed_seals_other_rows(make_project: Any) -> None:
    sealed = []
    for seed in (0, 1):
        project = make_project(text(), CONTRACT, name=f"seed{seed}", seed=seed, split=SplitSettings())
        cleaned(project)
        sealed.append({row[ROW] for row in part(project, "test")})
    assert sealed[0] != sealed[1]
