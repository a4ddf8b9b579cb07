"""Columns that tell the target better than an honest one could.

How strong honest columns get differs between tables: on some, every column tells a lot. So a suspect is
nearly perfect, or it is strong and stands clear of the strongest column that is not. The bounds are measured:
flights' dep_delay has 0.81 where the best column known before departure has 0.28, telco's best column 0.48;
Ames' best, the neighbourhood, has a correlation ratio of 0.75.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.cycle.explore.relations import Told


@dataclass(frozen=True)
class Bounds:
    """`perfect` is suspect anywhere; `strong` is, if it lies `clear` above the strongest that is below it."""

    perfect: float
    strong: float
    clear: float


BOUNDS = {
    Task.binary: Bounds(perfect=0.98, strong=0.75, clear=0.25),
    Task.multiclass: Bounds(perfect=0.98, strong=0.8, clear=0.25),
    # Binned means lose some of a perfect copy: 0.99 is left of a normal target, 0.95 of a heavy-tailed one.
    Task.regression: Bounds(perfect=0.95, strong=0.85, clear=0.2),
}


def leak_suspects(told: Mapping[str, Told], contract: Contract) -> tuple[LeakSuspect, ...]:
    """Strongest first, each with what a person has decided about it in contract.yaml."""
    bounds = BOUNDS[contract.task]
    values = {name: found.value for name, found in told.items()}
    gaps = {name: found.missingness for name, found in told.items()}
    suspects = [
        _suspect(contract, name, by_gap=gaps[name] >= 0.95 * strength, strength=strength)
        for name, strength in _standing_clear(values, bounds).items()
    ]
    known = {suspect.column for suspect in suspects}
    suspects += [
        _suspect(contract, name, by_gap=True, strength=strength)
        for name, strength in _standing_clear(gaps, bounds).items()
        if name not in known
    ]
    known = {suspect.column for suspect in suspects}
    suspects += [
        _suspect(contract, name, by_gap=True, strength=found.purity)
        for name, found in told.items()
        if name not in known and found.purity > 0
    ]
    return tuple(sorted(suspects, key=lambda suspect: (-suspect.strength, suspect.column)))


def _standing_clear(strengths: Mapping[str, float], bounds: Bounds) -> dict[str, float]:
    honest = max((strength for strength in strengths.values() if strength < bounds.strong), default=0.0)
    return {
        name: strength
        for name, strength in strengths.items()
        if strength >= bounds.perfect or (strength >= bounds.strong and strength - honest >= bounds.clear)
    }


def _suspect(contract: Contract, name: str, *, by_gap: bool, strength: float) -> LeakSuspect:
    column = contract.column(name)
    return LeakSuspect(
        column=name,
        kind="missingness" if by_gap else "value",
        strength=round(strength, 4),
        decision=column.leak,
        reason=column.leak_reason,
    )
