"""Suggestions stand in the file, are checked like features, used by nothing, accepted or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.automate.graph import nodes
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.yaml_file import contract_to_yaml
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.project.proposal_settings import SuggestedFeature
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.project.settings_file import read_settings
from fullcycle.core.project.settings_yaml import settings_to_yaml
from fullcycle.core.project.suggestions import accept, reject, write_suggestions

FILE = """# our churn model
name: churn
data: {source: churn.csv}  # from the warehouse
features:
  total: amount * days  # asked for by finance
"""
CONTRACT = Contract(
    task=Task.binary,
    classes=("no", "yes"),
    columns=(
        Column(name="amount", type=ColumnType.numeric),
        Column(name="days", type=ColumnType.numeric),
        Column(name="plan", type=ColumnType.categorical, allowed=("a", "b")),
        Column(name="left", type=ColumnType.categorical, role=Role.target),
    ),
)


def suggested(expression: str) -> SuggestedFeature:
    return SuggestedFeature(expression=expression, metric="roc_auc", gain=0.012, low=0.004, high=0.02)


RATE, KIND = suggested("amount / days"), suggested("plan + '/' + plan")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fullcycle.yaml").write_text(FILE, encoding="utf-8")
    (tmp_path / "contract.yaml").write_text(contract_to_yaml(CONTRACT), encoding="utf-8")
    return Project(tmp_path)


def again(project: Project) -> Project:
    return Project(project.root)


def text_of(project: Project) -> str:
    return project.paths.settings.read_text(encoding="utf-8")


def test_suggestions_are_written_below_what_a_person_wrote_and_read_back(project: Project) -> None:
    assert write_suggestions(project, {"rate": RATE, "kind": KIND})
    assert text_of(project).startswith(FILE)
    assert "\n  rate:\n    expression: amount / days\n    metric: roc_auc\n    gain: 0.012\n" in text_of(
        project
    )
    assert read_settings(project.paths.settings).suggested_features == {"rate": RATE, "kind": KIND}


def test_the_same_suggestions_leave_the_file_alone_and_others_take_their_place(project: Project) -> None:
    write_suggestions(project, {"rate": RATE})
    assert not write_suggestions(project, {"rate": RATE})
    assert write_suggestions(project, {"kind": KIND})
    assert list(read_settings(project.paths.settings).suggested_features) == ["kind"]
    assert write_suggestions(project, {})
    assert text_of(project) == FILE


def test_nothing_uses_a_suggestion(project: Project) -> None:
    before, stages = project.contract, nodes(project)
    write_suggestions(project, {"rate": RATE})
    assert again(project).contract == before
    assert nodes(again(project)) == stages
    assert not any({"suggested_features", "rejected_features"} & set(stage.settings) for stage in stages)


def test_an_accepted_suggestion_is_a_feature_and_all_remarks_stay(project: Project) -> None:
    write_suggestions(project, {"rate": RATE, "kind": KIND})
    assert accept(project, ["rate"]) == {"rate": "amount / days"}
    settings = again(project).settings
    assert settings.features == {"total": "amount * days", "rate": "amount / days"}
    assert list(settings.suggested_features) == ["kind"]
    assert [each.name for each in again(project).contract.derived] == ["total", "rate"]
    assert "# asked for by finance\n  rate: amount / days\n" in text_of(project)
    accept(project, ["kind"])
    assert "suggested_features" not in text_of(project)
    assert "# from the warehouse" in text_of(project)


def test_a_suggestion_that_can_not_be_read_is_not_accepted(project: Project) -> None:
    """A column may have gone since: what would break the project is refused, and may still be rejected."""
    write_suggestions(project, {"gone": suggested("nope / 2")})
    before = text_of(project)
    with pytest.raises(UserError, match="'nope', which no column is called"):
        accept(again(project), ["gone"])
    assert text_of(project) == before
    assert reject(again(project), ["gone"]) == {"gone": "nope / 2"}


def test_a_rejected_expression_is_remembered(project: Project) -> None:
    write_suggestions(project, {"rate": RATE, "kind": KIND})
    reject(project, ["rate", "kind"])
    write_suggestions(project, {"rate": suggested("days / amount")})
    reject(project, ["rate"])
    settings = again(project).settings
    assert not settings.suggested_features
    assert settings.rejected_features == {
        "rate": "amount / days",
        "kind": "plan + '/' + plan",
        "rate_": "days / amount",
    }
    assert text_of(project).startswith(FILE)


def test_a_name_that_is_not_suggested_is_told_with_the_nearest_one(project: Project) -> None:
    write_suggestions(project, {"rate": RATE})
    with pytest.raises(UserError, match="did you mean `rate`"):
        accept(project, ["rat"])
    with pytest.raises(UserError, match="no suggestion 'x'"):
        reject(project, ["x"])


def test_a_suggestion_never_takes_the_place_of_a_feature(project: Project) -> None:
    write_suggestions(project, {"total": RATE})
    with pytest.raises(UserError, match="the name of a feature too"):
        _ = again(project).contract
    with pytest.raises(UserError, match=r"key features\.total"):
        accept(project, ["total"])
    reject(project, ["total"])
    assert again(project).settings.features == {"total": "amount * days"}


@pytest.mark.parametrize(
    ("expression", "told"),
    [("amount / dayz", "did you mean `days`"), ("amount + plan", "plan"), ("left == 'yes'", "the target")],
)
def test_a_suggestion_is_checked_like_a_feature(project: Project, expression: str, told: str) -> None:
    write_suggestions(project, {"rate": suggested(expression)})
    with pytest.raises(UserError, match=told) as caught:
        _ = again(project).contract
    assert "fullcycle.yaml, line 9, key suggested_features.rate.expression" in caught.value.where
    assert "`fullcycle features reject rate`" in caught.value.hint


def test_a_layout_that_can_not_be_edited_is_told_and_left_as_it_is(project: Project) -> None:
    text = '{"name": "churn", "data": {"source": "churn.csv"}}\n'
    project.paths.settings.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="a layout that can't be edited here"):
        write_suggestions(project, {"rate": RATE})
    assert text_of(project) == text


def test_settings_with_features_and_suggestions_are_written_and_read_back(tmp_path: Path) -> None:
    settings = Settings(
        name="churn",
        data=DataSettings(source="x.csv"),
        features={"rate": "amount / days", "big": "amount > 3"},
        suggested_features={"kind": KIND},
        rejected_features={"no": "days / amount"},
    )
    path = tmp_path / "fullcycle.yaml"
    path.write_text(settings_to_yaml(settings), encoding="utf-8")
    assert read_settings(path) == settings
