"""The preprocessing of a candidate: ModelInput, then blocks of columns that are treated alike.

Blocks are called `number...` and `category...`, and columns go by name. What LightGBM sees is float32
(DECISIONS 19): a block with days or wide numbers is cast by a QuantileClipper at the training extremes, which
no tree can tell from the value itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from fullcycle.core.contract.model import Column, ColumnType, Contract, graph_input
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.estimators import ModelInput, QuantileClipper


@dataclass(frozen=True)
class Treatment:
    """How numbers of one block are treated, in this order."""

    clip: bool = False
    fill: bool = False
    indicator: bool = False
    cast: bool = False

    @property
    def block(self) -> str:
        """A name for the block of all columns that are treated so."""
        done = [name for name in ("clip", "fill", "indicator", "cast") if getattr(self, name)]
        return "_".join(["number", *done])


def linear_treatments(contract: Contract, policies: Sequence[ColumnPolicy]) -> dict[str, Treatment]:
    """Every number clipped and filled: a linear model extrapolates without end (DECISIONS 23)."""
    told = {policy.column: policy for policy in policies}
    return {
        column.name: Treatment(
            # A rare boolean clipped at quantiles would turn into a constant.
            clip=column.type is not ColumnType.boolean,
            fill=True,
            indicator=_keeps_indicator(told.get(column.name)),
        )
        for column in number_columns(contract)
    }


def tree_treatments(contract: Contract, policies: Sequence[ColumnPolicy]) -> dict[str, Treatment]:
    """Trees see numbers as they are, and what is missing, unless clean decided to clip or fill."""
    told = {policy.column: policy for policy in policies}
    return {
        column.name: _tree_treatment(column, told.get(column.name)) for column in number_columns(contract)
    }


def preprocessing(
    contract: Contract,
    policies: Sequence[ColumnPolicy],
    treatments: Mapping[str, Treatment],
    encoder: Any,
    *,
    scale: bool,
) -> Pipeline:
    """ModelInput and the ColumnTransformer: a block for each treatment of numbers, and of categories."""
    blocks = []
    for treatment in sorted(set(treatments.values()), key=lambda each: each.block):
        names = [name for name, own in treatments.items() if own == treatment]
        blocks.append((treatment.block, _number_steps(treatment, scale=scale), names))
    filled = {policy.column for policy in policies if policy.missing == "most_frequent"}
    categories = _names(contract, ColumnType.categorical)
    plain, most_frequent = (
        [name for name in categories if name not in filled],
        filled.intersection(categories),
    )
    if plain:
        blocks.append(("category", encoder, plain))
    if most_frequent:
        blocks.append(("category_fill", _filled(clone(encoder)), sorted(most_frequent)))
    if not blocks:
        raise UserError(
            where="contract.yaml",
            found="no column with role feature that a model can use",
            expected="at least one numeric, categorical, boolean or datetime feature",
            hint="give a column `role: feature`, then run the same command again",
        )
    joined = ColumnTransformer(blocks, sparse_threshold=0.0, verbose_feature_names_out=True)
    return Pipeline([("input", model_input(contract)), ("columns", joined)])


def model_input(contract: Contract) -> ModelInput:
    """The first step of every candidate: the contract's features, as the graph's inputs hold them."""
    return ModelInput(
        numbers=_names(contract, ColumnType.numeric),
        booleans=_names(contract, ColumnType.boolean),
        datetimes=_names(contract, ColumnType.datetime),
        strings=_names(contract, ColumnType.categorical),
        wide=tuple(
            column.name
            for column in contract.features
            if column.type is ColumnType.numeric and graph_input(column).dtype == "float64"
        ),
    )


def _number_steps(treatment: Treatment, *, scale: bool) -> Any:
    steps: list[tuple[str, Any]] = []
    if treatment.clip or treatment.cast:
        # Clipped before filling: quantiles of a rare indicator would turn it into a constant.
        steps.append(("clip", QuantileClipper() if treatment.clip else QuantileClipper(0.0, 1.0)))
    if treatment.fill:
        steps.append(("fill", _median(treatment.indicator)))
    if scale:
        steps.append(("scale", StandardScaler()))
    return Pipeline(steps) if steps else "passthrough"


def _median(indicator: bool) -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=indicator, keep_empty_features=True)


def _filled(encoder: Any) -> Pipeline:
    imputer = SimpleImputer(missing_values="", strategy="most_frequent", keep_empty_features=True)
    return Pipeline([("fill", imputer), ("encode", encoder)])


def number_columns(contract: Contract) -> list[Column]:
    return [column for column in contract.features if column.type is not ColumnType.categorical]


def _names(contract: Contract, kind: ColumnType) -> tuple[str, ...]:
    return tuple(column.name for column in contract.features if column.type is kind)


def _tree_treatment(column: Column, policy: ColumnPolicy | None) -> Treatment:
    clip = policy is not None and policy.clip and column.type is not ColumnType.boolean
    fill = policy is not None and policy.missing in ("median", "most_frequent")
    return Treatment(
        clip=clip,
        fill=fill,
        indicator=fill and policy is not None and policy.indicator,
        cast=not clip and (column.type is ColumnType.datetime or graph_input(column).dtype == "float64"),
    )


def _keeps_indicator(policy: ColumnPolicy | None) -> bool:
    """That a value was missing stays known, unless clean decided otherwise."""
    return policy is None or policy.missing == "model" or policy.indicator
