"""Both arms of a hypothesis on the same folds, drawn anew as often as it asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.engines.trials import TrialEngine
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.hypotheses.arms import arm_contract, arm_policies, moment
from fullcycle.core.models.candidates import kind_of, search_context
from fullcycle.core.models.evaluate import Evaluator, OutOfFold, Rows, codes_of
from fullcycle.core.models.folds import FoldKind, Folds, fold_kind, latest_first, make_folds
from fullcycle.core.models.frame import as_coerced, read_frame
from fullcycle.core.models.keys import NO_KEYS, Keys, keys_of
from fullcycle.core.models.limits import fences_of
from fullcycle.core.models.sample import sample_positions
from fullcycle.core.project.claims import Arm, Hypothesis
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings_file import line_of
from fullcycle.cycle.experiment.hypotheses.effect import time_blocks

REPEAT_SEEDS = 7919  # apart from each other's and from seeds that people write down


@dataclass(frozen=True)
class Ground:
    """What both arms share: the rows, how they are folded, and which of them depend on each other."""

    kind: FoldKind
    target: pd.Series[Any]
    codes: NDArray[Any]
    repeats: tuple[Folds, ...]
    units: NDArray[np.int64]
    available: int
    seen: NDArray[np.int64]
    keys: Keys = NO_KEYS


@dataclass(frozen=True)
class Side:
    """One arm, ready to be fitted."""

    model: str
    parameters: dict[str, Scalar]
    contract: Contract
    policies: list[ColumnPolicy]
    seed: int
    arm: Arm


@dataclass(frozen=True)
class Compared:
    """Out-of-fold answers of both arms for each repeat, and the rows they depend on together."""

    control: tuple[OutOfFold, ...]
    treatment: tuple[OutOfFold, ...]
    units: NDArray[np.int64]


def read_ground(project: Project, repeats: int) -> Ground:
    """The training rows that an experiment sees, folded `repeats` times; by time there is one way only."""
    settings, contract = project.settings, project.contract
    _, target, groups, times = read_frame(project.paths.train, contract)
    kind, codes = fold_kind(contract, settings), codes_of(target, contract)
    available, seed = len(codes), settings.seed
    seen = sample_positions(
        kind,
        codes,
        groups,
        times,
        at_most=settings.experiment.rows_at_most,
        keep=2 * settings.experiment.folds,
        seed=seed,
    )
    target, codes = target.iloc[seen], codes[seen]
    groups, times = (None if each is None else each.iloc[seen] for each in (groups, times))
    folds = tuple(
        make_folds(contract, settings, target, groups, times, seed=seed + REPEAT_SEEDS * repeat)
        for repeat in range(1 if kind == "time" else repeats)
    )
    units, keys = _units(kind, groups, times, len(codes)), keys_of(contract, settings, groups, times)
    return Ground(kind, target, codes, folds, units, available, seen, keys)


def _units(
    kind: FoldKind, groups: pd.Series[Any] | None, times: pd.Series[Any] | None, rows: int
) -> NDArray[np.int64]:
    """Rows that are drawn together: of one group, of one stretch of time, or each by itself."""
    if groups is not None:
        return np.asarray(pd.factorize(groups.fillna(pd.Series(groups.index, groups.index).astype(str)))[0])
    if kind == "time" and times is not None:
        order = np.empty(rows, dtype=np.int64)
        order[latest_first(times)[::-1]] = np.arange(rows)
        return time_blocks(order)
    return np.arange(rows)


def sides(
    project: Project, name: str, hypothesis: Hypothesis, policies: Sequence[ColumnPolicy], ground: Ground
) -> tuple[Side, Side]:
    """Control and treatment; a UserError for a parameter that the model doesn't have."""
    arms = {"control": hypothesis.control, "treatment": hypothesis.treatment}
    contracts = {which: arm_contract(project, name, which, arm) for which, arm in arms.items()}
    control, treatment = (
        Side(
            arm.model,
            _parameters(
                arm, contracts[which], ground, partial(line_of, project, ("hypotheses", name, which))
            ),
            contracts[which],
            arm_policies(policies, contracts[which], arm.clean),
            project.settings.seed if arm.seed is None else arm.seed,
            arm,
        )
        for which, arm in arms.items()
    )
    return control, treatment


def _parameters(arm: Arm, contract: Contract, ground: Ground, where: Callable[[], str]) -> dict[str, Scalar]:
    """The model's defaults for these rows, with what the arm says instead."""
    defaults = kind_of(arm.model).default(search_context(contract, len(ground.codes), ground.codes))
    for parameter in arm.parameters:
        if parameter not in defaults:
            near = get_close_matches(parameter, list(defaults), n=1)
            raise UserError(
                where=f"{where()}.parameters",
                found=f"{parameter!r}, which the model {arm.model} doesn't have",
                expected=f"one of {', '.join(defaults)}",
                hint=f"did you mean `{near[0]}`?" if near else "",
            )
    return {**defaults, **arm.parameters}


def compare(
    project: Project,
    pair: tuple[Side, Side],
    ground: Ground,
    engine: TrialEngine,
    advance: Callable[[], None],
) -> Compared:
    """Fit both arms on the training part of every fold; judge them on the same rows."""
    answers: tuple[list[OutOfFold], list[OutOfFold]] = ([], [])
    frames = [_frame(project, side, ground) for side in pair]
    windows = [_window(project, side, ground) for side in pair]
    for repeat, folds in enumerate(ground.repeats):
        for number, (side, frame, kept) in enumerate(zip(pair, frames, windows, strict=True)):
            own = _own_folds(side, frame, folds, kept)
            rows = Rows(frame, ground.target, ground.codes, own, ground.keys)
            # Each repeat fits with a seed of its own, the same for both arms unless they say otherwise.
            seed = (side.seed + REPEAT_SEEDS * repeat) % 2**31
            evaluator = Evaluator(side.contract, side.policies, rows, engine, seed)
            answers[number].extend(evaluator.out_of_fold([(side.model, side.parameters)]))
            advance()
    judged = Rows(frames[0], ground.target, ground.codes, ground.repeats[0]).fold_of >= 0
    units = pd.factorize(ground.units[judged])[0].astype(np.int64)
    return Compared(tuple(answers[0]), tuple(answers[1]), units)


def _frame(project: Project, side: Side, ground: Ground) -> pd.DataFrame:
    features, *_ = read_frame(project.paths.train, side.contract)
    return features.iloc[ground.seen]


def _own_folds(side: Side, frame: pd.DataFrame, folds: Folds, kept: NDArray[np.bool_] | None) -> Folds:
    """The same rows judged; those learned from less what the arm leaves out."""
    own = []
    for number, (train, valid) in enumerate(folds):
        learned = train if kept is None else train[kept[train]]
        learned = _without_outliers(side, frame, learned)
        if len(learned) < 2:
            raise UserError(
                where=f"the training rows of fold {number + 1}",
                found=f"{len(learned)} of {len(train)} rows that an arm may learn from",
                expected="at least 2",
                hint="widen the arm's window in fullcycle.yaml, key hypotheses",
            )
        own.append((learned, valid))
    return own


def _without_outliers(side: Side, frame: pd.DataFrame, train: NDArray[np.int64]) -> NDArray[np.int64]:
    """`outliers: drop_row`: fences are learned on the fold's own training rows."""
    outside = np.zeros(len(train), dtype=bool)
    for policy in side.policies:
        if policy.outliers == "drop_row" and policy.column in frame:
            values = frame[policy.column].to_numpy(dtype=np.float64)[train]
            low, high = fences_of(values[:, None], policy.outlier_rule, policy.outlier_factor)
            outside |= (values < low[0]) | (values > high[0])
    return train[~outside]


def _window(project: Project, side: Side, ground: Ground) -> NDArray[np.bool_] | None:
    """Rows within the arm's window; a row without a moment is in none. None where there is no window."""
    window = side.arm.window
    if window is None:
        return None
    column = _window_column(project.contract, window.column)
    moments = as_coerced(pq.read_table(project.paths.train, columns=[column.name])[column.name], column)
    values = np.asarray(moments)[ground.seen]
    inside = ~np.isnat(values)
    if window.since is not None:
        inside &= values >= _numpy(window.since)
    if window.until is not None:
        inside &= values < _numpy(window.until)
    return np.asarray(inside)


def _window_column(contract: Contract, name: str | None) -> Column:
    column = contract.time if name is None else contract.column(name)
    if column is None:  # references are checked before
        raise UserError(where="contract.yaml", found="no column of role time", expected="one for the window")
    return column


def _numpy(text: str) -> np.datetime64:
    return np.datetime64(moment(text).replace(tzinfo=None), "us")
