"""Early stopping parts the rows it learns from as folds do: by groups, and later rows stop earlier ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.models.candidates import build_candidate, ensemble_parameters
from fullcycle.core.models.evaluate import Evaluator, Rows, codes_of
from fullcycle.core.models.keys import Keys, keys_of
from fullcycle.core.models.stopping import FEWEST_ROWS, EarlyStoppedClassifier, held_apart
from fullcycle.core.project.settings import DataSettings, Settings, SplitSettings

STOPPED = {
    "early_stopping": True,
    "n_estimators": 50,
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_child_samples": 3,
    "reg_lambda": 1.0,
    "colsample_bytree": 1.0,
    "subsample": 1.0,
    "encoder": "ordinal",
    "min_frequency": 2,
    "max_categories": 60,
}
PATIENTS, VISITS = 60, 8


def contract_of(task: Task = Task.binary, role: Role = Role.group) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    measured = (Column(name=f"m{at}", type=ColumnType.numeric) for at in range(4))
    return Contract(
        task=task,
        classes=None if task is Task.regression else ("no", "yes"),
        columns=(
            *measured,
            Column(name="patient", type=ColumnType.numeric, role=role),
            Column(name="target", type=kind, role=Role.target),
        ),
    )


def patients(task: Task = Task.binary) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """A planted leak: measures tell the patient, who has a target of their own, and nothing else does."""
    random = np.random.default_rng(4)
    patient = np.repeat(np.arange(PATIENTS), VISITS)
    index = pd.Index(np.arange(len(patient)) * 3 + 7, name="_row")
    lasting = random.normal(size=(PATIENTS, 4))[patient]
    features = pd.DataFrame(lasting, columns=[f"m{at}" for at in range(4)], index=index)
    own = random.permutation(np.arange(PATIENTS) % 2)[patient]
    target = (
        own + random.normal(0, 0.01, len(own)) if task is Task.regression else np.array(["no", "yes"])[own]
    )
    return features, pd.Series(target, index=index), pd.Series(patient.astype(float), index=index)


def project_settings(kind: str = "auto") -> Settings:
    return Settings(name="x", data=DataSettings(source="x"), split=SplitSettings(kind=kind))


def trees_of(fitted: object) -> int:
    return int(fitted.named_steps["model"].trees_)  # type: ignore[attr-defined]


@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_trees_that_only_know_patients_again_stop_at_once_where_groups_are_kept(task: Task) -> None:
    features, target, groups = patients(task)
    contract = contract_of(task)
    keys = keys_of(contract, project_settings(), groups, None)
    trees = {}
    for name, each in (("kept", keys), ("torn", Keys())):
        candidate = build_candidate("lightgbm", STOPPED, contract)
        fitted = candidate.fit(features, target.to_numpy(), **each.fit_params(candidate, features.index))
        trees[name] = trees_of(fitted)
    assert trees["torn"] > 5 * trees["kept"]


def test_the_search_and_an_ensemble_hand_groups_down(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    real = EarlyStoppedClassifier._trees

    def counted(self: EarlyStoppedClassifier, X: object, y: object, groups: object, times: object) -> int:
        assert groups is not None
        seen.append((len(np.unique(groups)), len(groups)))  # type: ignore[arg-type]
        return real(self, X, y, groups, times)  # type: ignore[arg-type]

    monkeypatch.setattr(EarlyStoppedClassifier, "_trees", counted)
    features, target, groups = patients()
    contract = contract_of()
    half = np.arange(len(target)) < len(target) // 2
    folds = [(np.flatnonzero(half), np.flatnonzero(~half))]
    keys = keys_of(contract, project_settings(), groups, None)
    rows = Rows(features, target, codes_of(target, contract), folds, keys)
    Evaluator(contract, (), rows, ThreadEngine(1), 0).out_of_fold([("lightgbm", STOPPED)])
    blend = build_candidate("ensemble", ensemble_parameters({"lightgbm/0": (STOPPED, 1.0)}), contract)
    blend.fit(features, target.to_numpy(), **keys.fit_params(blend, features.index))
    assert seen == [(PATIENTS // 2, len(target) // 2), (PATIENTS, len(target))]


def test_rows_drawn_twice_stay_together_where_there_are_no_groups() -> None:
    features = patients()[0]
    candidate = build_candidate("lightgbm", STOPPED, contract_of())
    drawn = features.index[np.random.default_rng(0).integers(0, len(features), len(features))]
    assert Keys().fit_params(candidate, features.index) == {}
    [(name, groups)] = Keys().fit_params(candidate, drawn).items()
    assert name == "model__groups"
    assert list(groups) == list(drawn)
    linear = build_candidate("linear", {"C": 1.0, "l1_ratio": 0.0, "min_frequency": 2, "max_categories": 60},
                             contract_of())  # fmt: skip
    assert Keys().fit_params(linear, drawn) == {}


def test_time_counts_where_folds_go_by_it() -> None:
    _, _, moments = patients()
    contract = contract_of(role=Role.time)
    assert keys_of(contract, project_settings(), None, moments).times is not None
    assert keys_of(contract, project_settings("random"), None, moments).times is None


keyed = st.integers(FEWEST_ROWS, 300).flatmap(
    lambda rows: st.tuples(
        st.none() | st.lists(st.integers(0, 20), min_size=rows, max_size=rows).map(np.array),
        st.none() | st.lists(st.integers(0, 40), min_size=rows, max_size=rows).map(np.array),
        st.lists(st.sampled_from(["a", "b", "c"]), min_size=rows, max_size=rows).map(np.array),
    )
)


@settings(max_examples=examples(40))
@given(keyed)
def test_what_is_held_shares_no_group_and_is_later(
    drawn: tuple[np.ndarray | None, np.ndarray | None, np.ndarray],
) -> None:
    groups, times, classes = drawn
    learn, held = held_apart(len(classes), classes, groups, times, seed=1)
    assert not set(learn) & set(held)
    assert len(learn) > 0
    if groups is not None:
        assert not set(groups[learn]) & set(groups[held])
    if times is not None and len(held):
        assert times[learn].max() < times[held].min()
    if groups is None and times is None:
        assert len(held) == pytest.approx(0.15 * len(classes), abs=1.5)
