"""Why rows were chosen to be labelled: how unsure the bundle is, and how far they lie from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.label import ChosenRow
from fullcycle.core.labels import label_key
from fullcycle.live.label.candidates import BINS, Pool, spread_of
from fullcycle.live.label.choose import Space, apart
from fullcycle.live.label.sheet import Row

TOLD = 20  # chosen rows in evidence; the sheet has all


def chosen_rows(
    pool: Pool, chosen: Sequence[int], space: Space, rows: Sequence[Row], contract: Contract, *, blind: bool
) -> tuple[ChosenRow, ...]:
    """The first rows of the sheet, in its order; a blind sheet stays blind, and a personal target hidden."""
    key, hidden = label_key(contract), blind or contract.target.personal
    return tuple(
        ChosenRow(
            row=row.number,
            key=row.names.get(key.name) if key else None,
            prediction=None if hidden else answer(pool, at, contract),
            uncertainty=round(float(pool.uncertainty[at]), 6),
            apart=None if np.isnan(distance) else round(float(distance), 6),
        )
        for at, distance, row in zip(chosen[:TOLD], apart(space, chosen), rows, strict=False)
    )


def answer(pool: Pool, at: int, contract: Contract) -> str:
    """What the bundle says: a class, or a number in six digits."""
    said = pool.answers.prediction[at]
    return str(said) if contract.classes else f"{float(said):.6g}"


def reasons(pool: Pool, chosen: Sequence[int], space: Space) -> dict[str, Any]:
    """How uncertain the chosen rows are beside all candidates, and how unlike each other beside as many of
    the most uncertain ones."""
    most = np.argsort(-pool.uncertainty, kind="stable")[: len(chosen)].tolist()
    edges = tuple(np.linspace(0, 1, BINS + 1).round(6).tolist())
    counts = {"uncertainty": pool.spread, "chosen_uncertainty": spread_of(pool.uncertainty[list(chosen)])}
    facts: dict[str, Any] = {
        name: Histogram(edges=edges, counts=tuple(found.tolist())) for name, found in counts.items()
    }
    if len(chosen) > 1:
        facts["apart"] = round(float(apart(space, chosen).mean()), 6)
        facts["apart_by_uncertainty"] = round(float(apart(space, most).mean()), 6)
    return facts
