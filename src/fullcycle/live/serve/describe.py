"""What a bundle says about itself: the facts of GET /model, of the page and of OpenAPI, gathered once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.example import example_row
from fullcycle.core.bundle.model import LINEAGE, TESTS
from fullcycle.core.bundle.runtime import OnnxRuntime
from fullcycle.core.contract.model import Column

TEST_FACTS = (
    "rows",
    "openings",
    "headline",
    "metrics",
    "gates",
    "passed",
)  # charts of verify stay in the bundle


@dataclass(frozen=True)
class Input:
    """One column that a row must, or may, have."""

    name: str
    type: str
    required: bool
    strict: bool
    allowed: tuple[str, ...] | None
    range: tuple[float, float] | None
    missing: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """Facts about the bundle that answers. `example` is a golden row: synthetic, like all of them."""

    version: str
    task: str
    target: str
    classes: tuple[str, ...] | None
    threshold: float | None
    intervals: float | None
    inputs: tuple[Input, ...]
    golden_rows: int
    runtime: dict[str, str]
    made_with: dict[str, str]
    tests: dict[str, Any]
    lineage: dict[str, Any]
    example: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def describe(bundle: Bundle) -> Description:
    """Read what the bundle's files say."""
    runtime, tests = OnnxRuntime(), _json(bundle.folder / TESTS)
    return Description(
        version=bundle.version,
        task=bundle.contract.task.value,
        target=bundle.contract.target.name,
        classes=bundle.classes,
        threshold=bundle.threshold,
        intervals=bundle.facts.intervals,
        inputs=tuple(_input(column) for column in bundle.contract.features),
        golden_rows=len(bundle.golden.rows),
        runtime={runtime.name: runtime.version},
        made_with=dict(bundle.golden.made_with),
        tests={key: tests[key] for key in TEST_FACTS if key in tests},
        lineage=_json(bundle.folder / LINEAGE),
        example=example_row(bundle),
    )


def _input(column: Column) -> Input:
    return Input(
        name=column.name,
        type=column.type.value,
        required=column.required,
        strict=column.strict,
        allowed=column.allowed,
        range=column.range,
        missing=column.missing,
        formats=column.formats,
    )


def _json(path: Path) -> dict[str, Any]:
    content = orjson.loads(path.read_bytes())
    return content if isinstance(content, dict) else {}
