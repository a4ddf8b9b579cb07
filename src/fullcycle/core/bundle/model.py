"""What the files of a bundle hold. Formats are versioned: an older bundle stays readable for ever.

To change a format: raise `BUNDLE_VERSION`, teach `read` the old form, and add a sealed bundle of the new
version to tests/core/bundle/data before the change is merged.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from fullcycle.core.contract.model import Contract, GraphInput, Task
from fullcycle.core.evidence.prepare import Parity
from fullcycle.core.evidence.verify import GateResult, MetricResult, Slice

BUNDLE_VERSION = 3
PROBABILITY_TOLERANCE = 1e-5  # absolute (DECISIONS 20)
VALUE_TOLERANCE = 1e-5  # times max(1, |y|)

MODEL, CONTRACT, GOLDEN, REFERENCE = "model.onnx", "contract.json", "golden.json", "reference.json"
TESTS, CARD, LINEAGE, MANIFEST = "tests.json", "card.md", "lineage.json", "MANIFEST.json"
BUILD_FILES = (MODEL, CONTRACT, GOLDEN, REFERENCE)
IDENTITY_FILES = (*BUILD_FILES, TESTS)  # not lineage, dates and commit (DECISIONS 9)
SEALED_FILES = (*IDENTITY_FILES, CARD, LINEAGE)

Raw = str | int | float | bool | None
Coerced = bool | int | float | str | None


class Piece(BaseModel):
    """A frozen part of a bundle's JSON. Unknown keys are errors: a new key is a new format version."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class BundleContract(Piece):
    """contract.json: what goes into the graph, what comes out, and the whole contract of a row.

    `outputs` are `label` (strings of shape [N]) and `probabilities` ([N, k], in the order of `classes`), or
    `prediction` ([N, 1]), with `prediction_low` and `prediction_high` ([N, 1]) where the model has intervals;
    `threshold` is None but for two classes; the graph applies it, this repeats it.
    """

    version: int = BUNDLE_VERSION
    inputs: tuple[GraphInput, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...] | None = None
    threshold: float | None = None
    intervals: float | None = None  # since version 2: the share of rows that prediction_low and _high hold
    contract: Contract


def bundle_contract(
    contract: Contract, threshold: float | None = None, intervals: float | None = None
) -> BundleContract:
    """The interface of DECISIONS 18: one input of shape [N, 1] for each feature column."""
    regression = contract.task is Task.regression
    bounds = ("prediction_low", "prediction_high") if intervals is not None else ()
    return BundleContract(
        inputs=contract.inputs,
        outputs=("prediction", *bounds) if regression else ("label", "probabilities"),
        intervals=intervals,
        classes=None if regression else contract.classes,
        threshold=threshold if contract.task is Task.binary else None,
        contract=contract,
    )


class Answer(TypedDict):
    """One row's answer, ready for JSON: a class with the probability of each, or a number, perhaps with the
    bounds of its interval."""

    prediction: str | float
    probabilities: NotRequired[dict[str, float]]
    prediction_low: NotRequired[float]
    prediction_high: NotRequired[float]


class Question(Piece):
    """A synthetic row as a client would send it, and as the contract reads it (in the order of features)."""

    kind: str = Field(description="ordinary, or what makes the row hard")
    row: dict[str, Raw]
    values: tuple[Coerced, ...]


class GoldenRow(Question):
    """A question with the answer that every runtime must give."""

    prediction: str | float
    probabilities: tuple[float, ...] | None = None
    interval: tuple[float, float] | None = None  # since version 2


class Golden(Piece):
    """golden.json. `made_with` names the libraries whose answers these are."""

    version: int = BUNDLE_VERSION
    made_with: dict[str, str]
    rows: tuple[GoldenRow, ...] = Field(min_length=1)


class ManifestFile(Piece):
    """One file of the bundle. The checksum finds damage, not an attacker who rewrites the manifest too."""

    sha256: str
    bytes: int


class Manifest(Piece):
    """MANIFEST.json: which files belong to the bundle, and the name its content has earned."""

    version: int = BUNDLE_VERSION
    bundle: str = Field(description="hash of the content without lineage, dates and commit")
    created: str = Field(description="ISO 8601, UTC")
    commit: str | None = None
    made_with: dict[str, str] = {}
    files: dict[str, ManifestFile]


class Tests(Piece):
    """tests.json: what verify found on the sealed test rows. Release reads `passed` and computes nothing."""

    __test__ = False  # pytest collects by name

    version: int = BUNDLE_VERSION
    passed: bool
    rows: int
    headline: str
    metrics: tuple[MetricResult, ...]
    gates: tuple[GateResult, ...]
    parity: tuple[Parity, ...]
    checks: tuple[GateResult, ...] = ()  # since version 2: warnings and information; gates alone decide
    slices: tuple[Slice, ...] = ()  # since version 3: how parts of the test rows were answered


class Lineage(Piece):
    """lineage.json: where the bundle comes from; no part of its identity."""

    version: int = BUNDLE_VERSION
    commit: str | None
    dirty: bool | None
    created: str
    source: str
    source_sha256: str
    train_sha256: str
    test_sha256: str
    seed: int
    model: str
    parameters: dict[str, Coerced]
    environment: dict[str, str]
