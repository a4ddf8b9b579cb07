"""Our rates by group are those of fairlearn (`benchmarks/peers/fairness/answers.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fullcycle.core.project.verify_settings import VerifySettings
from fullcycle.cycle.verify.fairness import fairness_of
from fullcycle.cycle.verify.judged import Said

PEER = json.loads((Path(__file__).parent / "data/fairness_peer.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PEER["cases"])
def test_rates_differences_and_ratios_are_what_fairlearn_computes(case: dict[str, Any]) -> None:
    judged: Any = SimpleNamespace(
        truth=np.array(case["truth"]),
        said=Said(shares=np.empty((len(case["truth"]), 2)), labels=np.array(case["said"])),
        bundle=SimpleNamespace(classes=("no", "yes")),
        settings=VerifySettings(),
        seed=0,
    )
    found = fairness_of(judged, "group", case["groups"])
    ours = {gap.rate: gap for gap in found.gaps}
    for rate, by_group in case["rates"].items():
        assert {g.group: g.rates[rate].value for g in found.groups} == pytest.approx(by_group)
        assert ours[rate].difference.value == pytest.approx(case["difference"][rate])
        assert ours[rate].ratio.value == pytest.approx(case["ratio"][rate])


def test_intervals_cover_as_declared_where_two_groups_are_alike() -> None:
    settings = VerifySettings(bootstrap=300)
    covered = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        said, truth = random.random(400) < 0.3, random.random(400) < 0.5
        judged: Any = SimpleNamespace(
            truth=truth.astype(int),
            said=Said(shares=np.empty((400, 2)), labels=said.astype(int)),
            bundle=SimpleNamespace(classes=("no", "yes")),
            settings=settings,
            seed=seed,
        )
        [selection] = [
            gap for gap in fairness_of(judged, "group", ["a", "b"] * 200).gaps if gap.rate == "selection"
        ]
        assert selection.difference.low is not None
        covered += selection.difference.low <= 0
    # The lowest is below the highest by choice, so that one side of a 95% interval is missed in 5 of 100.
    assert covered >= 88
