"""What proposals are made from: sampled rows in two parts, the champion, every proposal's column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.derived import derived_features
from fullcycle.core.models.evaluate import codes_of
from fullcycle.core.models.folds import fold_kind
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.keys import keys_of
from fullcycle.core.models.sample import sample_positions
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.proposals.interactions import weigh
from fullcycle.cycle.experiment.proposals.judge import Judge
from fullcycle.cycle.experiment.proposals.parts import Parts, part_rows
from fullcycle.cycle.experiment.proposals.pool import Proposal, make_proposals, usable_columns


@dataclass(frozen=True)
class Seen:
    """The training rows that are looked at, in two parts, with the proposals over them."""

    judge: Judge
    parts: Parts
    pool: Sequence[Proposal]
    excluded: Sequence[str]
    available: int


def see(project: Project) -> Seen:
    """Read what there is, part the rows, and make every proposal's column."""
    settings, contract, folder = project.settings, project.contract, project.paths.evidence
    columns, excluded = usable_columns(contract, read_evidence(folder, ExploreEvidence))
    experiment = read_evidence(folder, ExperimentEvidence)
    frame = _read(project, columns)
    parts = part_rows(contract, settings, frame.target, frame.groups, frame.times)
    own, codes = frame.features.iloc[parts.choosers], frame.codes[parts.choosers]
    weights = weigh(columns, own, codes, contract, settings.seed)
    pool = make_proposals(contract, columns, own, weights, settings.rejected_features.values())
    champion = _champion(experiment)
    judge = Judge(
        model=champion.model,
        parameters=champion.parameters,
        contract=contract,
        policies=read_evidence(folder, CleanEvidence).policies,
        features=_with_columns_of(frame.features, contract, pool),
        target=frame.target,
        codes=frame.codes,
        metric=METRICS[experiment.metric],
        engine=ThreadEngine(settings.experiment.workers),
        seed=settings.seed,
        keys=keys_of(contract, settings, frame.groups, frame.times),
    )
    return Seen(judge, parts, pool, excluded, frame.available)


@dataclass(frozen=True)
class _Frame:
    features: pd.DataFrame
    target: pd.Series
    groups: pd.Series | None
    times: pd.Series | None
    codes: NDArray[Any]
    available: int


def _read(project: Project, columns: Sequence[Column]) -> _Frame:
    """The training rows, a sample where there are many; with the column of time, if it may be read."""
    settings, contract = project.settings, project.contract
    features, target, groups, times = read_frame(project.paths.train, contract)
    if times is not None and contract.time in columns and times.name not in features:
        features = features.assign(**{str(times.name): times})
    codes = codes_of(target, contract)
    rows = sample_positions(
        fold_kind(contract, settings),
        codes,
        groups,
        times,
        at_most=settings.proposals.rows_at_most,
        keep=4 * settings.experiment.folds,
        seed=settings.seed,
    )
    groups, times = (None if each is None else each.iloc[rows] for each in (groups, times))
    return _Frame(features.iloc[rows], target.iloc[rows], groups, times, codes[rows], len(target))


def _with_columns_of(features: pd.DataFrame, contract: Contract, pool: Sequence[Proposal]) -> pd.DataFrame:
    made = derived_features(contract.model_copy(update={"derived": tuple(each.derived for each in pool)}))
    return features if made is None else made.transform(features)


def _champion(evidence: ExperimentEvidence) -> Candidate:
    return next(each for each in evidence.candidates if each.model == evidence.champion)
