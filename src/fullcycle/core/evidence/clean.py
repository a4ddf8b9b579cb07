"""What clean found, what it did, and how the test set was sealed."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Histogram, Scalar, Summary


class PairCell(Facts):
    """One column of two rows, as texts; null is missing. `kind` says how the cells differ: `text` (case,
    spaces, a letter or two, words in another order), `number`, `moment`, `missing` (in one of them), `name`
    (an identifier); null where they are equal. Cells of a personal column are `hidden`, and both null."""

    column: str
    kind: Literal["text", "number", "moment", "missing", "name"] | None = None
    first: str | None = None
    second: str | None = None
    hidden: bool = False


class NearPair(Facts):
    """Two rows of the source that nearly repeat each other: cells that differ, then some that are equal.

    `equal` counts all columns in which they agree; `across` says that one is in the test set and one is not.
    """

    first: int
    second: int
    equal: int
    cells: tuple[PairCell, ...]
    across: bool = False


class Decision(Facts):
    """One thing found and what was done about it. `code`, `action` and `reason` are catalogue keys."""

    code: str
    column: str | None = None
    rows: int
    examples: tuple[str, ...] = ()
    action: str
    reason: str
    facts: dict[str, Scalar | list[Scalar]] = {}
    before: Summary | None = None
    after: Summary | None = None
    histogram_before: Histogram | None = None
    histogram_after: Histogram | None = None
    pairs: tuple[NearPair, ...] = ()


class ColumnPolicy(Facts):
    """How one feature is treated inside the model graph; numbers are learned on training rows for
    the report, and fitted again wherever a model uses them."""

    column: str
    missing: Literal["median", "most_frequent", "constant", "own_category", "model"]
    missing_reason: str = ""
    indicator: bool = False
    outliers: Literal["keep", "flag", "clip", "null", "drop_row"] = "keep"
    outlier_rule: Literal["iqr", "mad"] = "iqr"
    outlier_factor: float = 3.0
    clip: bool = False
    lower: float | None = None
    upper: float | None = None
    fill: Scalar = None
    scaling: Literal["standard", "robust", "quantile", "none"] = "standard"
    scaling_reason: str = ""
    skew: float | None = None
    tail_share: float | None = None
    rare_share: float = 0.0


class MissingStudy(Facts):
    """Why values of a column may be missing, on training rows.

    `target_strength` is how much the gap says about the target; `related` names the column that tells best
    where the gaps are, `related_strength` how well; both as 2 AUC - 1 in [0, 1], judged on rows that had no
    part in learning. `kind` is the conclusion: completely at random as far as the table shows, dependent on
    another column, or dependent on the target.
    """

    column: str
    rows: int
    missing: int
    target_strength: float
    related: str | None = None
    related_strength: float = 0.0
    kind: Literal["random", "depends_on_column", "depends_on_target"]


class SplitFacts(Facts):
    """How train and test were told apart. `boundary` is the first test moment of a split by time.

    `test_sha256` is the seal: the hash of test.parquet as written. Verify names it in the record of openings
    before it reads the file, and refuses another file.
    """

    kind: Literal["random", "stratified", "group", "time", "file"]
    column: str | None = None
    train_rows: int
    test_rows: int
    boundary: str | None = None
    seed: int
    test_sha256: str | None = None


class TargetFacts(Facts):
    """The target in train: class counts, or a summary of a number."""

    column: str
    classes: dict[str, int] | None = None
    summary: Summary | None = None


class CleanEvidence(Evidence):
    """Every decision of cleaning, in the order they were taken."""

    stage: ClassVar[str] = "clean"
    rows_in: int
    rows_out: int
    decisions: tuple[Decision, ...]
    policies: tuple[ColumnPolicy, ...]
    missing_studies: tuple[MissingStudy, ...] = ()
    split: SplitFacts
    target: TargetFacts
