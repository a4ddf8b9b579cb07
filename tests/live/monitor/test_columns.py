"""The verdict on a column of several tests: its chance of a false alarm is spent once, and effects count."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fullcycle.core.evidence.monitor import ColumnDrift, DriftTest, TestKind, Why
from fullcycle.live.monitor.drift.column_tests import corrected_p, together_p
from fullcycle.live.monitor.drift.columns import _decided


@dataclass(frozen=True)
class Found:
    """The p of a test, and whether its effect matters."""

    p: float
    matters: bool


def two_tests(level: Found, missing: Found) -> tuple[DriftTest, DriftTest]:
    def made(kind: TestKind, why: Why, found: Found) -> DriftTest:
        effect = 0.2 if found.matters else 0.01
        return DriftTest(kind=kind, why=why, statistic=1.0, effect=effect, limit=0.05, p=found.p)

    return made("van_der_waerden", "level", level), made("missing", "share", missing)


def decided(level: Found, missing: Found, alpha: float) -> ColumnDrift:
    tests = two_tests(level, missing)
    p = together_p(tests)
    drift = ColumnDrift(
        name="age", part="input", type="numeric", status="compared", rows=500, tests=tests, p=p
    )
    return _decided(drift, p, alpha)


def test_what_a_column_may_spend_is_parted_among_its_tests() -> None:
    level, missing = two_tests(Found(0.001, True), Found(0.001, True))
    spent = [0.001 / corrected_p(test, (level, missing)) for test in (level, missing)]
    assert spent == pytest.approx([10 / 11, 1 / 11])
    assert sum(spent) == pytest.approx(1)
    assert together_p((level, missing)) == pytest.approx(0.0011)
    assert corrected_p(level, (level,)) == 0.001


@pytest.mark.parametrize(
    ("level", "missing", "by"),
    [
        (Found(1e-9, True), Found(0.5, False), "van_der_waerden"),
        (Found(0.5, False), Found(1e-9, True), "missing"),
        (Found(1e-9, False), Found(1e-6, True), "missing"),
        (Found(1e-9, False), Found(0.2, True), None),  # the one is sure, the other matters
        (Found(0.5, True), Found(0.005, True), None),  # it would be enough for all that the column has
    ],
)
def test_a_column_rings_by_a_test_that_is_sure_within_its_part_and_matters(
    level: Found, missing: Found, by: str | None
) -> None:
    drift = decided(level, missing, alpha=0.01)
    assert (drift.decided_by if drift.drifted else None) == by
