"""One measured figure beside the bar it must hold and, if there is one, the floor that nothing can beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """`found` and `bar` share a unit; `floor` is the same work done by the least that could do it."""

    name: str
    found: float
    bar: float
    unit: str
    better: Literal["lower", "higher"] = "lower"
    floor: float | None = None
    floor_name: str = ""

    @property
    def holds(self) -> bool:
        """Whether the bar is met."""
        return self.found <= self.bar if self.better == "lower" else self.found >= self.bar

    def row(self) -> str:
        """The figure as a line of the table."""
        sign = "<=" if self.better == "lower" else ">="
        floor = f"  {self.found / self.floor:6.1f} x {self.floor_name}" if self.floor else ""
        verdict = "holds" if self.holds else "MISSED"
        found = f"{self.found:>10.4g} {self.unit:<6}"
        return f"{self.name:<52} {found} {sign} {self.bar:<8.4g} {verdict:<7}{floor}"
