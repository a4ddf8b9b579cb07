"""Candidates hold all preprocessing, obey clean's policies, and are built again from flat parameters."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.candidates import (
    CANDIDATES,
    Parameters,
    build_candidate,
    ensemble_parameters,
    is_skewed,
    search_context,
)
from fullcycle.core.models.estimators import BlendClassifier, BlendRegressor, QuantileClipper

ROWS = 300
HERE = [name for name in CANDIDATES if name not in ("xgboost", "catboost") or find_spec(name)]
CLASSES = {Task.binary: ("no", "yes"), Task.multiclass: ("a", "b", "c"), Task.regression: None}


def contract_of(task: Task, *columns: Column) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    target = Column(name="target", type=kind, role=Role.target)
    return Contract(task=task, classes=CLASSES[task], columns=(*columns, target))


AGE = Column(name="age", type=ColumnType.numeric, range=(18.0, 90.0))
INCOME = Column(name="income", type=ColumnType.numeric, range=(0.0, 1e9))
MEMBER = Column(name="member", type=ColumnType.boolean)
JOINED = Column(name="joined", type=ColumnType.datetime)
PLAN = Column(name="plan", type=ColumnType.categorical, allowed=("basic", "gold"))
NOTE = Column(name="note", type=ColumnType.text)
EVERY = (AGE, INCOME, MEMBER, JOINED, PLAN)


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    plan = np.where(
        random.random(ROWS) < 0.1, None, random.choice(["basic", "gold", "rare"], ROWS, p=[0.5, 0.49, 0.01])
    )
    days = random.integers(10_000, 19_000, ROWS) * 86_400_000_000
    return pd.DataFrame(
        {
            "age": np.where(random.random(ROWS) < 0.2, np.nan, random.uniform(18, 90, ROWS)),
            "income": random.integers(0, 10**9, ROWS).astype(float),
            "member": pd.Series(random.choice([True, False, None], ROWS), dtype=object),
            "joined": pd.Series(days.astype("datetime64[us]")).where(random.random(ROWS) > 0.1),
            "plan": pd.Series(plan, dtype=object),
        }
    )


def target(task: Task) -> pd.Series:
    score = frame()["age"].fillna(30) / 30 + (frame()["plan"] == "gold")
    if task is Task.regression:
        return np.exp(score)
    return pd.Series(pd.qcut(score, len(CLASSES[task] or ()), labels=CLASSES[task]).astype(str), dtype=object)


def default(model: str, contract: Contract) -> Parameters:
    codes = target(contract.task) if contract.task is Task.regression else [0]
    return CANDIDATES[model].default(search_context(contract, ROWS, codes))


def fitted(model: str, contract: Contract, policies: tuple[ColumnPolicy, ...] = (), **changed: Any) -> Any:
    parameters = default(model, contract) | changed
    return build_candidate(model, parameters, contract, policies, 1).fit(frame(), target(contract.task))


def columns_of(candidate: Any) -> ColumnTransformer:
    return candidate.named_steps["columns"]


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("model", HERE)
def test_a_default_learns_every_kind_of_column_and_beats_a_constant(model: str, task: Task) -> None:
    candidate = fitted(model, contract_of(task, *EVERY))
    assert candidate.score(frame(), target(task)) > 0.6
    if task is not Task.regression:
        assert tuple(candidate.classes_) == CLASSES[task]


@pytest.mark.parametrize("model", HERE)
def test_rows_that_training_never_saw_get_an_answer(model: str) -> None:
    candidate = fitted(model, contract_of(Task.binary, *EVERY))
    strange = pd.DataFrame(
        {
            "age": [np.nan, 1e308],
            "income": [np.nan, -1e300],
            "member": pd.Series([None, None], dtype=object),
            "joined": pd.Series([pd.NaT, pd.Timestamp("2200-01-01")]).astype("datetime64[us]"),
            "plan": pd.Series([None, "never seen"], dtype=object),
        }
    )
    assert np.isfinite(candidate.predict_proba(strange)).all()


@pytest.mark.parametrize("model", HERE)
def test_the_same_seed_gives_the_same_answers_bit_for_bit(model: str) -> None:
    contract = contract_of(Task.regression, *EVERY)
    assert (fitted(model, contract).predict(frame()) == fitted(model, contract).predict(frame())).all()


@pytest.mark.parametrize("columns", [(AGE,), (INCOME, JOINED), (PLAN,), (MEMBER,), EVERY])
def test_trees_are_given_float32_and_nothing_wider(columns: tuple[Column, ...]) -> None:
    candidate = fitted("lightgbm", contract_of(Task.binary, *columns))
    seen = candidate[:-1].transform(frame())
    assert np.asarray(seen).dtype == np.float32


def test_text_and_dropped_leaks_never_reach_a_model() -> None:
    leak = Column(name="refund", type=ColumnType.numeric, leak="drop")
    candidate = fitted("linear", contract_of(Task.binary, AGE, NOTE, leak))
    assert columns_of(candidate).feature_names_in_.tolist() == ["age"]


def test_a_contract_without_features_is_an_error_that_says_what_to_do() -> None:
    contract = contract_of(Task.binary, NOTE)
    with pytest.raises(UserError, match="role: feature"):
        build_candidate("linear", default("linear", contract), contract)


def policy(column: str, missing: str, **more: Any) -> ColumnPolicy:
    return ColumnPolicy(column=column, missing=missing, **more)  # type: ignore[arg-type]


def test_trees_see_what_is_missing_unless_clean_decided_to_fill_it() -> None:
    contract = contract_of(Task.binary, AGE)
    raw = fitted("lightgbm", contract)[:-1].transform(frame())
    assert np.isnan(raw).sum() == frame()["age"].isna().sum() > 0
    told = fitted("lightgbm", contract, (policy("age", "median", indicator=True),))
    filled = np.asarray(told[:-1].transform(frame()))
    assert filled.shape == (ROWS, 2)
    missing = frame()["age"].isna().to_numpy()
    assert (filled[missing, 0] == np.float32(frame()["age"].astype(np.float32).median())).all()
    assert (filled[:, 1] == missing).all()


def test_a_linear_model_knows_what_was_missing_unless_clean_decided_otherwise() -> None:
    contract = contract_of(Task.binary, AGE)
    assert fitted("linear", contract)[:-1].transform(frame()).shape == (ROWS, 2)
    told = fitted("linear", contract, (policy("age", "median", indicator=False),))
    assert told[:-1].transform(frame()).shape == (ROWS, 1)


def test_clean_may_clip_the_numbers_of_trees_and_a_linear_model_always_does() -> None:
    contract = contract_of(Task.binary, AGE, INCOME)
    clipped = fitted("lightgbm", contract, (policy("age", "model", outliers="clip"),))
    extreme = frame().head(1).assign(age=1e6)
    low, high = frame()["age"].quantile([0.25, 0.75])
    fence = high + 3 * (high - low)
    assert np.float32(fence) == pytest.approx(clipped[:-1].transform(extreme).min(), rel=1e-6)
    linear = fitted("linear", contract)
    assert np.abs(linear[:-1].transform(extreme)).max() < 10


def test_a_rare_truth_is_not_clipped_away() -> None:
    rare = Column(name="rare", type=ColumnType.boolean)
    table = pd.DataFrame({"rare": pd.Series([True] + [False] * (ROWS - 1), dtype=object)})
    contract = contract_of(Task.binary, rare)
    candidate = build_candidate("linear", default("linear", contract), contract).fit(
        table, target(Task.binary)
    )
    assert len(np.unique(candidate[:-1].transform(table))) == 2


def test_a_missing_category_is_one_of_its_own_or_the_most_frequent_as_clean_decided() -> None:
    contract = contract_of(Task.binary, PLAN)
    blank = pd.DataFrame({"plan": pd.Series([None], dtype=object)})
    usual = pd.DataFrame({"plan": pd.Series([frame()["plan"].mode()[0]], dtype=object)})
    for missing, equal in (("own_category", False), ("most_frequent", True)):
        candidate = fitted("lightgbm", contract, (policy("plan", missing),))
        first, second = (candidate[:-1].transform(each) for each in (blank, usual))
        assert (first == second).all() == equal


def test_a_rare_category_shares_its_column_with_the_unknown() -> None:
    candidate = fitted("linear", contract_of(Task.binary, PLAN), min_frequency=10)
    rows = pd.DataFrame({"plan": pd.Series(["rare", "never seen"], dtype=object)})
    first, second = candidate[:-1].transform(rows)
    assert (first == second).all()
    assert first.sum() == 1


def test_days_and_wide_numbers_are_cast_where_no_tree_can_tell() -> None:
    candidate = fitted("lightgbm", contract_of(Task.binary, *EVERY))
    blocks = {name: (block, columns) for name, block, columns in columns_of(candidate).transformers_}
    cast, columns = blocks["number_cast"]
    assert columns == ["income", "joined"]
    assert isinstance(cast.named_steps["clip"], QuantileClipper)
    inside = np.asarray(candidate[:-1].transform(frame()))
    assert np.nanmax(inside) == np.float32(frame()["income"].max())


def test_a_skewed_positive_target_is_learned_on_its_logarithm() -> None:
    contract = contract_of(Task.regression, *EVERY)
    candidate = fitted("linear", contract, log_target=True)
    assert isinstance(candidate, TransformedTargetRegressor)
    assert isinstance(candidate.regressor_, Pipeline)
    assert isinstance(fitted("linear", contract, log_target=False), Pipeline)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.exp(np.random.default_rng(0).normal(0, 1, 500)), True),
        (-np.exp(np.random.default_rng(0).normal(0, 1, 500)), False),
        (np.random.default_rng(0).normal(100, 1, 500), False),
        (np.append(np.exp(np.random.default_rng(0).normal(0, 1, 500)), 0.0), False),
        (np.ones(10), False),
        (np.array([1.0]), False),
    ],
)
def test_only_a_positive_target_with_a_long_tail_is_skewed(values: Any, expected: bool) -> None:
    assert is_skewed(values) is expected


@pytest.mark.parametrize("name", ["ensemble", "blend"])  # what an older version called it stays readable
@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_an_ensemble_is_built_again_from_its_flat_parameters(task: Task, name: str) -> None:
    contract = contract_of(task, *EVERY)
    flat = ensemble_parameters(
        {"linear": (default("linear", contract), 0.25), "lightgbm": (default("lightgbm", contract), 0.75)}
    )
    again = json.loads(json.dumps(flat))  # as evidence keeps it
    blend = build_candidate(name, again, contract, (), 1).fit(frame(), target(task))
    assert isinstance(blend, BlendRegressor if task is Task.regression else BlendClassifier)
    members = [fitted("linear", contract), fitted("lightgbm", contract)]
    ask = "predict" if task is Task.regression else "predict_proba"
    first, second = (getattr(member, ask)(frame()) for member in members)
    np.testing.assert_allclose(getattr(blend, ask)(frame()), 0.25 * first + 0.75 * second, rtol=1e-12)


def test_many_categories_give_trees_codes_and_the_linear_model_fewer_columns() -> None:
    many = tuple(
        Column(name=f"c{n}", type=ColumnType.categorical, allowed=tuple(map(str, range(60))))
        for n in range(60)
    )
    contract = contract_of(Task.binary, *many)
    assert default("lightgbm", contract)["encoder"] == "ordinal"
    assert default("linear", contract)["max_categories"] == 25
    table = pd.DataFrame(
        {each.name: pd.Series(np.arange(ROWS) % 60, dtype=object).astype(str).astype(object) for each in many}
    )
    for model in ("linear", "lightgbm"):
        candidate = build_candidate(model, default(model, contract), contract).fit(table, target(Task.binary))
        assert candidate[:-1].transform(table).shape[1] <= 1500
        assert np.isfinite(candidate.predict_proba(table.assign(c0="new"))).all()


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("model", HERE)
def test_the_portfolio_lies_inside_the_searched_space(model: str, task: Task) -> None:
    import optuna

    kind = CANDIDATES[model]
    for rows in (30, 300, 30_000):
        context = search_context(
            contract_of(task, *EVERY), rows, np.exp(np.random.default_rng(0).normal(0, 1, rows))
        )
        for known in kind.portfolio(context):
            assert kind.suggest(_Recorder(known), context) == known
        proposed = kind.default(context)
        sampled = kind.suggest(optuna.create_study().ask(), context)
        assert set(sampled) == set(proposed)


class _Recorder:
    """A trial that proposes the default and fails where the default is outside the bounds."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters

    def suggest_float(self, name: str, low: float, high: float, **_: Any) -> Any:
        assert low <= float(str(self.parameters[name])) <= high
        return self.parameters[name]

    suggest_int = suggest_float

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        assert self.parameters[name] in choices
        return self.parameters[name]
