"""A bundle that is open: raw rows in, answers out. Needs NumPy and ONNX Runtime, and no training library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import Feeds, compile_feeds
from fullcycle.core.bundle.model import REFERENCE, TESTS, Answer, BundleContract, Golden, Manifest, Tests
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.bundle.runtime import Session
from fullcycle.core.contract.model import Contract, GraphInput

if TYPE_CHECKING:
    from fullcycle.core.bundle.reference import Reference
    from fullcycle.core.contract.row import CoercedRow


@dataclass(frozen=True)
class Answers:
    """What the graph says: `prediction` (N,), `probabilities` (N, k) in the order of classes or None, and
    `interval` (N, 2) or None."""

    prediction: NDArray[Any]
    probabilities: NDArray[np.float32] | None = None
    interval: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Bundle:
    """Read by `read_bundle`. One object may answer from many threads at once."""

    folder: Path
    version: str
    facts: BundleContract
    golden: Golden
    session: Session
    manifest: Manifest | None = None

    @property
    def contract(self) -> Contract:
        """What a row must be."""
        return self.facts.contract

    @property
    def inputs(self) -> tuple[GraphInput, ...]:
        """The graph's inputs."""
        return self.facts.inputs

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Classes in the order of probabilities; None in regression."""
        return self.facts.classes

    @property
    def threshold(self) -> float | None:
        """The probability from which the second of two classes is said."""
        return self.facts.threshold

    @cached_property
    def coerce(self) -> Callable[[Mapping[str, object]], CoercedRow]:
        """The contract as a reader of single rows; raises RowRejected."""
        from fullcycle.core.contract.row import compile_row

        return compile_row(self.contract)

    @cached_property
    def reference(self) -> Reference:
        """What training rows looked like; read when first asked for."""
        from fullcycle.core.bundle.reference import Reference

        return read_piece(self.folder, REFERENCE, Reference)

    @cached_property
    def tests(self) -> Tests:
        """The verdict of verify; a build has none yet."""
        return read_piece(self.folder, TESTS, Tests)

    @cached_property
    def _feeds(self) -> Callable[[Sequence[Sequence[Any]]], Feeds]:
        return compile_feeds(self.inputs, [column.name for column in self.contract.features])

    def answer(self, rows: Sequence[CoercedRow]) -> list[Answer]:
        """Answers ready for JSON, in the order of the rows."""
        if not rows:
            return []
        return as_json(self.run(self._feeds([row.values for row in rows])), self.classes)

    def run(self, fed: Feeds) -> Answers:
        """The graph on inputs of shape [N, 1] as `feeds` makes them; N must be at least 1."""
        return run_graph(self.session, self.facts, fed)

    def predict(self, table: Any, *, batch_rows: int = 65_536) -> Any:
        """Answers for raw rows of a pandas, polars or Arrow table, as a table of the same kind.

        Columns `prediction` and, for classes, `probability_CLASS` of each; a pandas index is kept. Raises
        UserError for an absent required column and for rows that the contract rejects.
        """
        from fullcycle.core.bundle.predict import predict

        return predict(self, table, batch_rows=batch_rows)


def run_graph(session: Session, facts: BundleContract, fed: Feeds) -> Answers:
    """The graph's outputs as answers."""
    outputs = session.run(facts.outputs, fed)
    if facts.classes is None:
        interval = np.hstack(outputs[1:3]) if facts.intervals is not None else None
        return Answers(prediction=outputs[0].reshape(-1), interval=interval)
    return Answers(prediction=outputs[0].reshape(-1), probabilities=outputs[1])


def as_json(answers: Answers, classes: tuple[str, ...] | None) -> list[Answer]:
    """Answers as plain Python values."""
    predictions = answers.prediction.tolist()
    if classes is None or answers.probabilities is None:
        if answers.interval is None:
            return [{"prediction": value} for value in predictions]
        return [
            {"prediction": value, "prediction_low": low, "prediction_high": high}
            for value, (low, high) in zip(predictions, answers.interval.tolist(), strict=True)
        ]
    return [
        {"prediction": label, "probabilities": dict(zip(classes, row, strict=True))}
        for label, row in zip(predictions, answers.probabilities.tolist(), strict=True)
    ]
