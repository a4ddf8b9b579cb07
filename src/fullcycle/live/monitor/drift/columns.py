"""The verdict on every column of a window: its tests, the false discovery rate over columns, and effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import ColumnReference, Shape
from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.monitor import ColumnDrift, DriftTest, Status, Why
from fullcycle.core.project.monitor_settings import MonitorLimits
from fullcycle.live.monitor.drift.baseline import NumberBaseline, TextBaseline, number_baseline, text_baseline
from fullcycle.live.monitor.drift.column_tests import (
    Curve,
    Hits,
    corrected_p,
    jensen_shannon,
    level_test,
    mix_test,
    population_stability_index,
    share_test,
    spread_test,
    together_p,
    wasserstein,
)
from fullcycle.live.monitor.drift.noise import Noise
from fullcycle.live.monitor.measure import Counted

CHARTED = 20  # bins of a picture
FEW_EDGES = 2 * CHARTED
CONSTANT_FROM_ROWS = 30


@dataclass(frozen=True)
class Watched:
    """A column with what the reference says of it; a score has a shape and no type of its own."""

    name: str
    part: Literal["input", "feature", "score"]
    type: ColumnType
    reference: ColumnReference
    numbers: NumberBaseline | None
    texts: TextBaseline | None
    checked: bool = False  # the contract lists values or a range

    @property
    def personal(self) -> bool:
        """Nothing but its missing rate is known."""
        return self.numbers is None and self.texts is None


def watched(
    column: ColumnReference, *, checked: bool = False, part: Literal["input", "feature"] = "input"
) -> Watched:
    """An input, or a feature that is made of inputs."""
    present = column.rows - column.missing
    numbers = number_baseline(column.shape, present) if column.shape is not None else None
    texts = text_baseline(column) if column.categories is not None else None
    return Watched(column.name, part, column.type, column, numbers, texts, checked)


def watched_score(name: str, shape: Shape, rows: int) -> Watched:
    """The score of a class, or the predicted number."""
    reference = ColumnReference(name=name, type=ColumnType.numeric, rows=rows, missing=0, shape=shape)
    return Watched(name, "score", ColumnType.numeric, reference, number_baseline(shape, rows), None)


def judge_columns(
    columns: Sequence[tuple[Watched, Counted, Noise]],
    limits: MonitorLimits,
    alpha: float,
    *,
    until: float = -np.inf,
) -> tuple[ColumnDrift, ...]:
    """Every column with its verdict. At most a share `alpha` of windows without drift get any (Benjamini and
    Hochberg 1995 over the columns' p, each of which is that of its tests together).

    `until` is when the window ended, in microseconds since 1970: moments up to it that are later than all of
    training are what time does by itself, and no drift."""
    from scipy.stats import false_discovery_control

    measured = [
        _moved_on(column, counted, noise, limits)
        if _is_later(column, counted, limits.distribution, until)
        else _measured(column, counted, noise, limits)
        for column, counted, noise in columns
    ]
    tested = [at for at, drift in enumerate(measured) if drift.p is not None]
    if not tested:
        return tuple(measured)
    adjusted = false_discovery_control([measured[at].p or 0.0 for at in tested], method="bh")
    for at, p in zip(tested, adjusted, strict=True):
        measured[at] = _decided(measured[at], float(p), alpha)
    return tuple(measured)


def _decided(drift: ColumnDrift, adjusted: float, alpha: float) -> ColumnDrift:
    """Drifted where chance is ruled out and a test that rules it out has an effect that matters."""
    allowed = (drift.p or 0.0) * alpha / max(adjusted, 1e-300)  # what this column's own p may be
    own = {test.kind: corrected_p(test, drift.tests) for test in drift.tests}
    ringing = [test for test in drift.tests if test.effect >= test.limit and own[test.kind] <= allowed]
    by = min(ringing or drift.tests, key=lambda test: (own[test.kind], -test.effect))
    return drift.model_copy(
        update={
            "p_adjusted": adjusted,
            "drifted": adjusted <= alpha and bool(ringing),
            "decided_by": by.kind,
            "effect": by.effect,
        }
    )


def _measured(column: Watched, counted: Counted, noise: Noise, limits: MonitorLimits) -> ColumnDrift:
    tests = _tests(column, counted, noise, limits)
    drift = ColumnDrift(
        name=column.name,
        part=column.part,
        type=column.type.value,
        status=_status(column, counted),
        rows=counted.rows,
        sample_rows=None if column.personal else counted.sample_rows,
        missing_rate=counted.missing / counted.rows if counted.rows else None,
        reference_missing_rate=column.reference.missing_rate,
        tests=tuple(tests),
        p=together_p(tests) if tests else None,
        variation=noise.source,
    )
    return drift.model_copy(update=_distances(column, counted))


def _is_later(column: Watched, counted: Counted, limit: float, until: float) -> bool:
    """Whether so many moments are later than all of training that this alone would be a drift; one that is
    yet to come is no work of time."""
    if column.type is not ColumnType.datetime or not counted.present or counted.high is None:
        return False
    return counted.high <= until and counted.counts[-1] / counted.present > limit


def _moved_on(column: Watched, counted: Counted, noise: Noise, limits: MonitorLimits) -> ColumnDrift:
    """Gaps alone are compared of a column that moves with the clock: how old a moment was when its row came,
    or its season, is not what the reference keeps."""
    gaps = [each for each in _tests(column, counted, noise, limits) if each.kind == "missing"]
    told = _measured(column, counted, noise, limits)
    p = together_p(gaps) if gaps else None
    return told.model_copy(update={"status": "later", "tests": tuple(gaps), "p": p})


def _status(column: Watched, counted: Counted) -> Status:
    if not counted.rows:
        return "too_few"
    if column.personal:
        return "personal" if counted.rows else "no_reference"
    return "compared" if counted.rows > counted.missing else "nothing_there"


def _tests(column: Watched, counted: Counted, noise: Noise, limits: MonitorLimits) -> list[DriftTest]:
    """Each column's tests: what is missing, what the contract does not expect, and how values are spread."""
    if not counted.rows:
        return []
    reference, found = column.reference, []
    if column.part != "score":
        found.append(
            share_test(
                "missing",
                "share",
                Hits(reference.missing, reference.rows),
                Hits(counted.missing, counted.rows),
                rho=noise.missing,
                df=noise.df,
                limit=limits.missing,
            )
        )
    if column.checked and counted.rows:
        found.append(
            share_test(
                "unexpected",
                "border",
                Hits(0, reference.rows),
                Hits(counted.unexpected, counted.rows),
                rho=noise.missing,
                df=noise.df,
                limit=limits.contract,
            )
        )
    return [*found, *_spread_tests(column, counted, noise, limits.distribution)]


def _spread_tests(column: Watched, counted: Counted, noise: Noise, limit: float) -> list[DriftTest]:
    if not counted.present:
        return []
    tests: list[DriftTest | None] = []
    if column.numbers is not None and column.numbers.rows and len(column.numbers.edges) > 1:
        baseline = column.numbers
        now = np.cumsum(counted.counts[:-1]) / counted.present
        wide = Noise(noise.order, noise.mix, noise.missing, noise.df, noise.source, baseline.tolerance)
        before, after = Curve(baseline.shares, baseline.rows), Curve(now, counted.present)
        tests += [test(before, after, wide, limit) for test in (level_test, spread_test)]
        tests.append(mix_test(baseline.bins, baseline.binned(counted.counts), noise, limit, "shape"))
    elif column.numbers is not None and column.numbers.rows:
        tests.append(_other_than_constant(column.numbers, counted, noise, limit))
    elif column.texts is not None and column.texts.rows:
        why: Why = "many_categories" if column.texts.counts[-1] else "categories"
        tests.append(mix_test(column.texts.counts, counted.counts, noise, limit, why))
    return [test for test in tests if test is not None]


def _other_than_constant(baseline: NumberBaseline, counted: Counted, noise: Noise, limit: float) -> DriftTest:
    """Of a column that had one value: how many rows have another one now."""
    [value] = baseline.edges
    same = counted.present if counted.low == value == counted.high else 0
    others = counted.present - same
    before, now = Hits(0, baseline.rows), Hits(others, counted.present)
    return share_test("chi_squared", "one_value", before, now, rho=noise.mix, df=noise.df, limit=limit)


def _distances(column: Watched, counted: Counted) -> dict[str, object]:
    """What is told for people, and drawn."""
    if not counted.present:
        return {}
    if column.texts is not None and column.texts.rows:
        return _of_texts(column.texts, counted)
    if column.numbers is not None and column.numbers.rows and len(column.numbers.edges) > 1:
        return _of_numbers(column.numbers, counted)
    return {}


def _of_texts(baseline: TextBaseline, counted: Counted) -> dict[str, object]:
    p, q = baseline.counts / baseline.rows, counted.counts / counted.present
    return {
        "psi": population_stability_index(baseline.counts, counted.counts),
        "jensen_shannon": jensen_shannon(p, q),
        "categories": baseline.categories,
        "reference_shares": tuple(p.tolist()),
        "current_shares": tuple(q.tolist()),
    }


def _of_numbers(baseline: NumberBaseline, counted: Counted) -> dict[str, object]:
    before, now = baseline.bins, baseline.binned(counted.counts)
    cumulative = np.cumsum(counted.counts[:-1]) / counted.present
    drawn = _drawn(baseline, cumulative)
    return {
        "psi": population_stability_index(before, now),
        "jensen_shannon": jensen_shannon(before / before.sum(), now / now.sum()),
        "wasserstein": wasserstein(np.array(baseline.edges), baseline.shares, cumulative, baseline.spread),
        **({} if drawn is None else {"reference": drawn[0], "current": drawn[1]}),
    }


def _drawn(baseline: NumberBaseline, cumulative: NDArray[np.float64]) -> tuple[Histogram, Histogram] | None:
    """Both in equal bins over the middle of the reference, in millionths of the rows, read off the cumulative
    shares: between edges they rise evenly, but where there are few, each is a value that many rows have."""
    edges, last = np.array(baseline.edges), len(baseline.edges) - 1
    first, final = (min(int(at), last) for at in np.searchsorted(baseline.shares, (0.01, 0.99)))
    low, high = float(edges[first]), float(edges[final])
    if not high > low:
        return None
    ends = np.linspace(low, high, CHARTED + 1)
    below = np.searchsorted(edges, ends, side="right") - 1

    def shares(at: NDArray[np.float64]) -> Histogram:
        reached = at[below] if len(edges) <= FEW_EDGES else np.interp(ends, edges, at)
        steps = np.diff([at[first - 1] if first else 0.0, *reached[1:]])
        return Histogram(
            edges=tuple(float(end) for end in ends),
            counts=tuple(round(float(step) * 1_000_000) for step in steps),
        )

    return shares(baseline.shares), shares(cumulative)


def is_constant(counted: Counted, reference: Watched) -> bool:
    """One value in all rows, where the reference had several."""
    varied = reference.numbers is not None and len(reference.numbers.edges) > 1
    return varied and counted.present >= CONSTANT_FROM_ROWS and counted.low == counted.high
