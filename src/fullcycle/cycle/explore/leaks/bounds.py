"""How strong is too strong: measured on tables as they are, and on leaks planted in them.

How strong honest columns get differs between tables: on some, every column tells a lot. So a suspect is
nearly perfect, or it is strong and stands clear of the strongest column that is not. The bounds are measured:
flights' dep_delay has 0.81 where the best column known before departure has 0.28, telco's best column 0.48;
Ames' best, the neighbourhood, has a correlation ratio of 0.75.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fullcycle.core.contract.model import Task


@dataclass(frozen=True)
class Bounds:
    """`perfect` is suspect anywhere; `strong` is, if it lies `clear` above the strongest that is below it.

    `gap` is suspect in whether values are missing, `key` in an identifier, `order` in the number of the row,
    `near` is the correlation of neighbours in time.
    """

    perfect: float
    strong: float
    clear: float
    gap: float
    key: float
    order: float
    near: float

    def standing_clear(self, strengths: Mapping[str, float]) -> dict[str, float]:
        """Those that are perfect, or strong and clear of the strongest honest one."""
        honest = max((value for value in strengths.values() if value < self.strong), default=0.0)
        return {
            name: value
            for name, value in strengths.items()
            if value >= self.perfect or (value >= self.strong and value - honest >= self.clear)
        }


BOUNDS = {
    Task.binary: Bounds(perfect=0.98, strong=0.75, clear=0.25, gap=0.5, key=0.3, order=0.5, near=0.4),
    Task.multiclass: Bounds(perfect=0.98, strong=0.8, clear=0.35, gap=0.5, key=0.4, order=0.6, near=0.5),
    # Binned means lose some of a perfect copy: 0.99 is left of a normal target, 0.95 of a heavy-tailed one.
    Task.regression: Bounds(perfect=0.95, strong=0.85, clear=0.2, gap=0.7, key=0.5, order=0.85, near=0.5),
}
