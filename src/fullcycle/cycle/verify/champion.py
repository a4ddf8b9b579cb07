"""The bundle in production on the same test rows, compared row by row (paired bootstrap)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.bundle import Bundle, read_bundle
from fullcycle.core.bundle.model import LINEAGE, Lineage
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.evidence.verify import ChampionComparison, ChampionMetric
from fullcycle.core.metrics import Metric, bootstrap_difference, metrics_of
from fullcycle.core.models.frame import read_frame
from fullcycle.core.project.project import Project
from fullcycle.cycle.verify.judged import Judged, Said, said_of
from fullcycle.cycle.verify.score import answer_rows

Labels = NDArray[np.int64]


def compare_with_champion(project: Project, judged: Judged) -> ChampionComparison | None:
    """Every metric of both; None where the settings name no champion. Raises UserError for a folder that is
    no bundle, CheckFailed where the installed runtime does not repeat its golden rows."""
    if project.settings.verify.champion is None:
        return None
    champion = read_bundle(project.root / project.settings.verify.champion)
    if _predicts_otherwise(champion, judged.bundle):
        return ChampionComparison(bundle=champion.version, reason="other_target")
    absent = _absent_columns(project.paths.test, champion, judged.bundle)
    if absent:
        return ChampionComparison(bundle=champion.version, reason="no_column", columns=absent)
    lineage = read_piece(champion.folder, LINEAGE, Lineage)
    theirs = _answers(project.paths.test, champion, judged.bundle)
    return ChampionComparison(
        bundle=champion.version,
        metrics=tuple(
            _compared(metric, judged, theirs) for metric in metrics_of(judged.bundle.contract.task)
        ),
        same_test_rows=lineage.test_sha256 == _sealed(project),
    )


def _sealed(project: Project) -> str | None:
    from fullcycle.core.evidence.clean import CleanEvidence
    from fullcycle.core.evidence.store import read_evidence

    return read_evidence(project.paths.evidence, CleanEvidence).split.test_sha256


def _predicts_otherwise(champion: Bundle, ours: Bundle) -> bool:
    return (
        champion.contract.task is not ours.contract.task
        or champion.contract.target.name != ours.contract.target.name
        or set(champion.classes or ()) != set(ours.classes or ())
    )


def _absent_columns(test: Path, champion: Bundle, ours: Bundle) -> tuple[str, ...]:
    """What the champion asks for and the test rows don't have, or have as another type."""
    there = set(pq.read_schema(test).names)
    types = {column.name: column.type for column in ours.contract.columns if column.name in there}
    return tuple(
        column.name for column in champion.contract.features if types.get(column.name) is not column.type
    )


def _answers(test: Path, champion: Bundle, ours: Bundle) -> Said:
    """Of the champion's graph, with probabilities in the order of our classes."""
    # Derived features are inside the graph: the table need not have them.
    features = tuple(champion.contract.features)
    given = champion.contract.model_copy(
        update={"columns": (*features, champion.contract.target), "derived": ()}
    )
    frame, _, _, _ = read_frame(test, given)
    said = said_of(answer_rows(champion, frame), champion.classes)
    if said.shares is None or champion.classes is None or ours.classes is None or said.labels is None:
        return said
    order = [champion.classes.index(name) for name in ours.classes]
    place = [ours.classes.index(name) for name in champion.classes]
    return Said(shares=said.shares[:, order], labels=_renamed(said.labels, place))


def _renamed(labels: Labels, place: list[int]) -> Labels:
    return np.asarray(place, dtype=np.int64)[labels]


def _compared(metric: Metric, judged: Judged, theirs: Said) -> ChampionMetric:
    ours, other = judged.said.for_metric(metric), theirs.for_metric(metric)
    difference = bootstrap_difference(
        metric,
        judged.truth,
        ours,
        other,
        resamples=judged.settings.bootstrap,
        confidence=judged.settings.confidence,
        seed=judged.seed,
    )
    return ChampionMetric(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        ours=metric.function(judged.truth, ours),
        champion=metric.function(judged.truth, other),
        difference=difference,
    )
