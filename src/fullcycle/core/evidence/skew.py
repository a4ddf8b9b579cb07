"""The skew certificate: served requests asked again the way tables are."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Facts

SkewKind = Literal["refused", "read", "label", "number"]


class SkewDifference(Facts):
    """One answered row that the table path treats otherwise: it refuses it, reads `columns` otherwise, says
    another label, or another number (`by` is how far off, in units of the tolerance)."""

    request_id: str
    row: int
    version: str
    kind: SkewKind
    columns: tuple[str, ...] = ()
    by: float | None = None


class SkewFacts(Facts):
    """`rows` were asked again; of these `different` are. Not asked: rows with personal values that the log
    withholds, rows of a bundle that is not here, and answers that no model gave.

    `largest` is the largest difference of an answer in units of the tolerance; `differences` are the first.
    """

    rows: int
    different: int
    largest: float
    withheld: int = 0
    no_bundle: int = 0
    no_model: int = 0
    columns: dict[str, int] = {}
    differences: tuple[SkewDifference, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether something was asked, and nothing differed."""
        return self.rows > 0 and not self.different
