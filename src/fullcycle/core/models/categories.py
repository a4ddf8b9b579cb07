"""The blocks of categories: filled or with a category for what is missing, rare ones pooled, then encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from fullcycle.core.evidence.clean import ColumnPolicy

Block = tuple[str, Any, list[str]]  # of a ColumnTransformer


@dataclass(frozen=True)
class CategoryTreatment:
    """How categories of one block are treated; an empty fill leaves what is missing a category of its own."""

    fill: str = ""
    value: str = ""
    rare_share: float = 0.0

    @property
    def block(self) -> str:
        """A name for the block of all columns that are treated so."""
        words = ["category", self.fill, self.value, f"rare_{self.rare_share:g}" if self.rare_share else ""]
        return "_".join(word for word in words if word).replace("__", "_")


def category_blocks(names: Sequence[str], told: Mapping[str, ColumnPolicy], encoder: Any) -> list[Block]:
    """A block for each treatment, in which `encoder` is cloned, and one for the indicators of gaps."""
    treatments = {name: _treatment(told.get(name)) for name in names}
    blocks: list[Block] = []
    for number, treatment in enumerate(dict.fromkeys(treatments.values())):
        columns = [name for name, own in treatments.items() if own == treatment]
        # A fill may be any text, so that two names may be alike.
        name = treatment.block if not treatment.value else f"{treatment.block}_{number}"
        blocks.append((name, _steps(treatment, encoder), columns))
    gaps = [name for name, own in treatments.items() if own.fill and told[name].indicator]
    if gaps:
        blocks.append(("category_missing", _gap_encoder(len(gaps), encoder), gaps))
    return blocks


def _treatment(policy: ColumnPolicy | None) -> CategoryTreatment:
    if policy is None:
        return CategoryTreatment()
    fill = policy.missing if policy.missing in ("most_frequent", "constant") else ""
    value = str(policy.fill) if fill == "constant" else ""
    return CategoryTreatment(fill, value, policy.rare_share)


def _steps(treatment: CategoryTreatment, encoder: Any) -> Any:
    encoder = clone(encoder)
    if treatment.rare_share:
        encoder.set_params(min_frequency=treatment.rare_share)
    if not treatment.fill:
        return encoder
    imputer = SimpleImputer(
        missing_values="",
        strategy=treatment.fill,
        fill_value=treatment.value or None,
        keep_empty_features=True,
    )
    return Pipeline([("fill", imputer), ("encode", encoder)])


def _gap_encoder(columns: int, encoder: Any) -> OneHotEncoder:
    """A 0/1 column for each of them: whether the text is empty, as what is missing is."""
    return OneHotEncoder(
        categories=[[""]] * columns, handle_unknown="ignore", sparse_output=False, dtype=encoder.dtype
    )
