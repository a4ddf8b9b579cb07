"""What `make test` tries a little of, and the night all of."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

import pytest

THOROUGH = "FULLCYCLE_THOROUGH" in os.environ  # set by `make coverage` and `make nightly`
SHARE, FEWEST = 4, 5


def examples(at_night: int) -> int:
    """Examples of a property: as many at night, a quarter of them on every change."""
    return at_night if THOROUGH else max(FEWEST, at_night // SHARE)


def cases(every: Mapping[str, Any], at_night: Collection[str]) -> list[Any]:
    """Parameters with their names as ids; those that are named run at night alone."""
    assert set(at_night) <= set(every), set(at_night) - set(every)
    marks = {name: [pytest.mark.nightly] if name in at_night else [] for name in every}
    return [pytest.param(value, id=name, marks=marks[name]) for name, value in every.items()]
