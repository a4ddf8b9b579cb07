"""What is hidden in a table is found, and where nothing is hidden nothing is suggested."""

from __future__ import annotations

from itertools import chain, repeat

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.cycle.experiment.proposals.conftest import MakeProject

from fullcycle.core.contract.model import ColumnType, Derived, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.proposals import ProposalsEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.settings_file import read_settings
from fullcycle.cycle.experiment.proposals.propose import propose

ROWS = 1600


def numbers(random: np.random.Generator, rows: int, names: str) -> pd.DataFrame:
    return pd.DataFrame({name: random.uniform(1, 10, rows) for name in names})


def moments(random: np.random.Generator, rows: int, days: int) -> pd.Series:
    return pd.Series(
        pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, days * 24, rows), unit="h")
    ).astype("datetime64[us]")


def hidden(what: str, seed: int = 3) -> pd.DataFrame:
    """A table whose target depends on one thing that no single column says."""
    random = np.random.default_rng(seed)
    table = numbers(random, ROWS, "abc")
    noise = random.normal(0, 1, ROWS)
    match what:
        case "ratio":
            return table.assign(y=4 * table["a"] / table["b"] + noise)
        case "weekday":
            at = moments(random, ROWS, 700)
            return table.assign(at=at, y=2.0 * (at.dt.day_of_week >= 5) + noise)
        case "joined":
            one, two = (random.choice(list("pqrs"), ROWS).astype(object) for _ in range(2))
            effect = dict(
                zip([x + y for x in "pqrs" for y in "pqrs"], random.permutation(16) / 3, strict=True)
            )
            return table.assign(
                one=one, two=two, y=[effect[x + y] for x, y in zip(one, two, strict=True)] + noise
            )
        case _:
            start = moments(random, ROWS, 700)
            end = start + pd.to_timedelta(random.integers(1, 60, ROWS), unit="D")
            return table.assign(
                start=start, end=end.astype("datetime64[us]"), y=(end - start).dt.days / 8 + noise
            )


@pytest.mark.parametrize(
    ("what", "kind", "expression"),
    [
        ("ratio", "ratio", "a / b"),
        ("weekday", "date_part", "weekday(at)"),
        ("joined", "joined", "one + '/' + two"),
        ("dates", "date_difference", "days(end - start)"),
    ],
)
def test_what_is_hidden_is_suggested_with_a_gain_above_zero(
    make_project: MakeProject, what: str, kind: str, expression: str
) -> None:
    project = make_project(hidden(what))
    evidence = propose(project)
    first = evidence.tested[0]
    assert (first.kind, first.expression, first.suggested) == (kind, expression, True)
    assert first.gain is not None
    assert first.gain.low is not None
    assert first.gain.low > 0
    assert evidence.together is not None
    suggested = read_settings(project.paths.settings).suggested_features[first.name]
    assert (suggested.expression, suggested.metric) == (expression, "r2")
    assert suggested.gain == pytest.approx(first.gain.value, rel=1e-3)
    assert read_evidence(project.paths.evidence, ProposalsEvidence) == evidence


def noise(seed: int, rows: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    at, end = (moments(random, rows, 500) for _ in range(2))
    one, two = (random.choice(list("pqr"), rows).astype(object) for _ in range(2))
    return numbers(random, rows, "abcd").assign(at=at, end=end, one=one, two=two, y=random.normal(size=rows))


@pytest.mark.nightly
def test_of_noise_nothing_is_suggested(make_project: MakeProject) -> None:
    found = [propose(make_project(noise(seed), name=f"p{seed}", repeats=1, tested=3)) for seed in range(2)]
    assert not any(each.earned for evidence in found for each in evidence.tested)
    assert all(sum(kind.expressions for kind in evidence.tried) > 30 for evidence in found)


@pytest.mark.nightly
def test_tables_of_noise_get_a_suggestion_no_more_often_than_was_promised(make_project: MakeProject) -> None:
    tables = 120
    found = [propose(make_project(noise(100 + seed), name=f"p{seed}")) for seed in range(tables)]
    wrong = sum(any(each.earned for each in evidence.tested) for evidence in found)
    assert wrong <= stats.binom.ppf(0.99, tables, 0.05)


def test_the_same_seed_suggests_the_same_and_leaves_the_file_alone_the_second_time(
    make_project: MakeProject,
) -> None:
    first, second = (make_project(hidden("ratio"), name=name, repeats=1) for name in ("one", "two"))
    found = [propose(project).model_dump(exclude={"run"}) for project in (first, second)]
    assert found[0] == found[1]
    texts = [project.paths.settings.read_text(encoding="utf-8") for project in (first, second)]
    assert texts[0] == texts[1]
    assert texts[0].startswith("# mine\nname: churn\ndata: {source: x.csv}  # as it came\n")


def test_suspects_of_a_leak_and_refused_expressions_are_not_proposed(make_project: MakeProject) -> None:
    suspect = LeakSuspect(column="c", kind="value", strength=0.99)
    project = make_project(hidden("ratio"), suspects=[suspect], repeats=1, tested=2)
    refused = {"x": "a/b", "y": "b / a"}
    project.__dict__["settings"] = project.settings.model_copy(update={"rejected_features": refused})
    evidence = propose(project)
    assert evidence.excluded == ("c",)
    assert all("c" not in each.columns for each in evidence.tested)
    assert not {"a / b", "b / a"} & {each.expression for each in evidence.tested}
    assert {each.kind: each.expressions for each in evidence.tried} == {
        "difference": 1,
        "product": 1,
        "sum": 1,
    }


def test_a_suspect_that_a_person_kept_may_be_used(make_project: MakeProject) -> None:
    kept = LeakSuspect(column="a", kind="value", strength=0.99, decision="keep", reason="known at night")
    evidence = propose(make_project(hidden("ratio"), suspects=[kept], repeats=1, tested=2))
    assert evidence.excluded == ()
    assert "a" in evidence.tested[0].columns


def test_time_that_is_over_before_a_test_is_told_and_the_untested_stay_unsuggested(
    make_project: MakeProject,
) -> None:
    # Ten expressions are fitted in time, one is tested, then the hour is over.
    read = chain([0.0], repeat(0.1, 11), repeat(3600.0))
    project = make_project(hidden("ratio"), repeats=1, time_budget_s=60.0)
    evidence = propose(project, clock=lambda: next(read))
    assert evidence.ended_by == "time"
    untested = [each for each in evidence.tested if each.gain is None]
    assert len(untested) == len(evidence.tested) - 1 > 0
    assert not any(each.suggested for each in untested)
    told = next(each for each in evidence.findings if each.code == Code.proposals_ended_by_time)
    assert told.facts["untested"] == len(untested)


def test_no_more_are_suggested_than_were_asked_for(make_project: MakeProject) -> None:
    random = np.random.default_rng(1)
    table = hidden("ratio")
    at = moments(random, ROWS, 700)
    table = table.assign(at=at, y=table["y"] / 3 + 2.0 * (at.dt.day_of_week >= 5))
    both = propose(make_project(table, name="both", tested=3))
    assert {"ratio", "date_part"} <= {each.kind for each in both.tested if each.suggested}
    one = propose(make_project(table, name="one", tested=3), at_most=1)
    assert sum(each.suggested for each in one.tested) == 1
    assert sum(each.earned for each in one.tested) > 1


def test_rows_in_time_are_judged_after_those_that_chose_and_the_moment_itself_may_be_read(
    make_project: MakeProject,
) -> None:
    project = make_project(hidden("weekday"), roles={"at": Role.time}, tested=2)
    evidence = propose(project)
    assert (evidence.fold_kind, evidence.repeats) == ("time", 1)
    assert evidence.tested[0].expression == "weekday(at)"
    assert evidence.tested[0].suggested


def test_classes_are_judged_by_a_metric_that_is_better_when_lower(make_project: MakeProject) -> None:
    table = hidden("joined")
    table["y"] = np.where(table["y"] > table["y"].median(), "yes", "no").astype(object)
    evidence = propose(make_project(table, task=Task.binary, metric="log_loss", tested=2))
    first = evidence.tested[0]
    assert (first.expression, first.suggested) == ("one + '/' + two", True)
    assert first.gain is not None
    assert (first.gain.value or 0) > 0
    assert 0 < (evidence.baseline or 0) < 1


def test_features_that_are_there_already_are_not_proposed_again(make_project: MakeProject) -> None:
    project = make_project(hidden("ratio"), repeats=1, tested=2)
    derived = Derived(name="r", type=ColumnType.numeric, expression="(a / b)", columns=("a", "b"))
    project.__dict__["contract"] = project.contract.model_copy(update={"derived": (derived,)})
    assert "a / b" not in {each.expression for each in propose(project).tested}


def test_without_an_analysis_the_person_is_told_what_to_run(make_project: MakeProject) -> None:
    project = make_project(hidden("ratio"))
    (project.paths.evidence / "explore.json").unlink()
    with pytest.raises(UserError, match="fullcycle run explore"):
        propose(project)
