"""The alarm budget: one promise for the whole table and all looks, cut into what each test may spend.

Promised are N false alarms in a period, on average. A look that comes every `look_s` seconds may then ring
falsely with probability N * look_s / period, whatever looks before it did: expectations add up, also where
looks depend on each other. Parts of the monitor share that (Bonferroni), and within a part Benjamini and
Hochberg (1995) keep the chance that any column rings falsely, where none changed, at the part's share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fullcycle.core.evidence.monitor import BudgetFacts
from fullcycle.core.project.monitor_settings import MonitorSettings, Promise

Part = Literal["columns", "together", "performance", "control"]

# What each part may spend: all columns and scores; all of them together; performance; control charts.
SHARES: dict[Part, float] = {"columns": 0.5, "together": 0.1, "performance": 0.2, "control": 0.2}
ALPHA_AT_MOST = 0.05  # a generous promise and rare looks would make chance the rule


@dataclass(frozen=True)
class Budget:
    """How often somebody looks, and what was promised."""

    promise: Promise
    look_s: float

    @property
    def alpha_per_look(self) -> float:
        """The chance of a false alarm that one look may have.

        >>> round(Budget(Promise(), 86_400).alpha_per_look * 365.25 / 4, 6)
        1.0
        """
        return min(self.promise.rate_per_s * self.look_s, ALPHA_AT_MOST)

    def alpha(self, part: Part) -> float:
        """What one part may spend of it at one look."""
        return self.alpha_per_look * SHARES[part]

    def facts(self) -> BudgetFacts:
        """For evidence."""
        return BudgetFacts(
            count=self.promise.count,
            per=self.promise.per,
            look_s=self.look_s,
            alpha_per_look=self.alpha_per_look,
            shares=dict(SHARES.items()),
        )


def budget_of(settings: MonitorSettings) -> Budget:
    """The budget that `monitor:` declares."""
    return Budget(settings.false_alarms, settings.look_s)
