"""One measured figure beside the bar it must hold and, if there is one, the floor that nothing can beat."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
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


def show(*parts: Callable[[Path], Iterator[Figure]]) -> int:
    """Print each figure as it is measured, in a folder that goes afterwards; 1 if a bar is missed."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="fullcycle-bench-") as folder:
        for part in parts:
            for figure in part(Path(folder)):
                print(figure.row(), flush=True)
                missed += not figure.holds
    return 1 if missed else 0
