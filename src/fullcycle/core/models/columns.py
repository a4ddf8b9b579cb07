"""The preprocessing of a candidate: ModelInput, then blocks of columns that are treated alike.

Blocks are called `number...` and `category...`, and columns go by name. What LightGBM sees is float32
(DECISIONS 19): a block with days or wide numbers is cast by a QuantileClipper at the training extremes, which
no tree can tell from the value itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler

from fullcycle.core.contract.model import Column, ColumnType, Contract, graph_input
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.categories import Block, category_blocks
from fullcycle.core.models.derived import derived_features
from fullcycle.core.models.estimators import ModelInput, QuantileClipper
from fullcycle.core.models.limits import OutlierFences, QuantileScaler

FILLS = ("median", "most_frequent", "constant")
SCALERS: dict[str, type] = {
    "standard": StandardScaler,
    "robust": RobustScaler,
    "quantile": QuantileScaler,
}


@dataclass(frozen=True)
class Treatment:
    """How numbers of one block are treated, in this order.

    `outliers` is "clip" or "null" (a flag is a block of its own), with the policy's rule and factor;
    `quantile_clip` clips at training quantiles; `fill` is a strategy of SimpleImputer.
    """

    outliers: str = ""
    rule: str = ""
    factor: float = 0.0
    quantile_clip: bool = False
    fill: str = ""
    value: Scalar = None
    indicator: bool = False
    cast: bool = False
    scaling: str = "none"

    @property
    def block(self) -> str:
        """A name for the block of all columns that are treated so."""
        said: list[Scalar] = [self.outliers, self.rule, f"{self.factor:g}" if self.outliers else ""]
        said += ["clip" if self.quantile_clip else "", self.fill, "" if self.value is None else self.value]
        said += [name for name in ("indicator", "cast") if getattr(self, name)]
        said.append(self.scaling if self.scaling != "none" else "")
        return "_".join(["number", *(str(word) for word in said if word != "")])


def linear_treatments(contract: Contract, policies: Sequence[ColumnPolicy]) -> dict[str, Treatment]:
    """Every number clipped, filled and scaled: a linear model extrapolates without end (DECISIONS 23)."""
    told = {policy.column: policy for policy in policies}
    return {
        column.name: _linear_treatment(column, told.get(column.name)) for column in number_columns(contract)
    }


def tree_treatments(contract: Contract, policies: Sequence[ColumnPolicy]) -> dict[str, Treatment]:
    """Trees see numbers as they are, and what is missing, unless clean decided otherwise; a scale is nothing
    to them."""
    told = {policy.column: policy for policy in policies}
    return {
        column.name: _tree_treatment(column, told.get(column.name)) for column in number_columns(contract)
    }


def filled(treatment: Treatment) -> Treatment:
    """The treatment without gaps: the median where clean decided nothing, beside a column that says so."""
    return treatment if treatment.fill else replace(treatment, fill="median", indicator=True)


def preprocessing(
    contract: Contract,
    policies: Sequence[ColumnPolicy],
    treatments: Mapping[str, Treatment],
    encoder: Any,
) -> Pipeline:
    """ModelInput and the ColumnTransformer: a block for each treatment of numbers, and of categories."""
    names = _names(contract, ColumnType.categorical)
    told = {policy.column: policy for policy in policies if policy.column in names}
    blocks = [*_number_blocks(treatments), *_flag_blocks(contract, policies)]
    blocks += category_blocks(names, told, encoder)
    if not blocks:
        raise UserError(
            where="contract.yaml",
            found="no column with role feature that a model can use",
            expected="at least one numeric, categorical, boolean or datetime feature",
            hint="give a column `role: feature`, then run the same command again",
        )
    joined = ColumnTransformer(blocks, sparse_threshold=0.0, verbose_feature_names_out=True)
    derived = derived_features(contract)
    first = [("features", derived)] if derived is not None else []
    return Pipeline([*first, ("input", model_input(contract)), ("columns", joined)])


def model_input(contract: Contract) -> ModelInput:
    """The first step of every candidate: the contract's features, as the graph's inputs hold them."""
    return ModelInput(
        numbers=_names(contract, ColumnType.numeric),
        booleans=_names(contract, ColumnType.boolean),
        datetimes=_names(contract, ColumnType.datetime),
        strings=_names(contract, ColumnType.categorical),
        wide=tuple(
            column.name
            for column in contract.modelled
            if column.type is ColumnType.numeric and graph_input(column).dtype == "float64"
        ),
    )


def _number_blocks(treatments: Mapping[str, Treatment]) -> list[Block]:
    blocks: list[Block] = []
    for treatment in sorted(set(treatments.values()), key=lambda each: each.block):
        names = [name for name, own in treatments.items() if own == treatment]
        blocks.append((treatment.block, _number_steps(treatment), names))
    return blocks


def _number_steps(treatment: Treatment) -> Any:
    steps: list[tuple[str, Any]] = []
    if treatment.outliers:
        fences = OutlierFences(treatment.outliers, treatment.rule, treatment.factor)  # type: ignore[arg-type]
        steps.append(("outliers", fences))
    if treatment.quantile_clip or treatment.cast:
        # Clipped before filling: quantiles of a rare indicator would turn it into a constant.
        steps.append(("clip", QuantileClipper() if treatment.quantile_clip else QuantileClipper(0.0, 1.0)))
    if treatment.fill:
        steps.append(("fill", _imputer(treatment)))
    if treatment.scaling != "none":
        steps.append(("scale", SCALERS[treatment.scaling]()))
    return Pipeline(steps) if steps else "passthrough"


def _imputer(treatment: Treatment) -> SimpleImputer:
    return SimpleImputer(
        strategy=treatment.fill,
        fill_value=treatment.value,
        add_indicator=treatment.indicator,
        keep_empty_features=True,
    )


def _flag_blocks(contract: Contract, policies: Sequence[ColumnPolicy]) -> list[Block]:
    """A 0/1 column for each number whose outliers are flagged, beside the number itself."""
    numbers = set(_names(contract, ColumnType.numeric))
    flagged = [p for p in policies if p.outliers == "flag" and p.column in numbers]
    kinds = sorted({(p.outlier_rule, p.outlier_factor) for p in flagged})
    return [
        (
            f"outlier_flag_{rule}_{factor:g}",
            OutlierFences("flag", rule, factor),
            [p.column for p in flagged if (p.outlier_rule, p.outlier_factor) == (rule, factor)],
        )
        for rule, factor in kinds
    ]


def number_columns(contract: Contract) -> list[Column]:
    return [column for column in contract.modelled if column.type is not ColumnType.categorical]


def _names(contract: Contract, kind: ColumnType) -> tuple[str, ...]:
    return tuple(column.name for column in contract.modelled if column.type is kind)


def _linear_treatment(column: Column, policy: ColumnPolicy | None) -> Treatment:
    fill = policy.missing if policy is not None and policy.missing in FILLS else "median"
    return Treatment(
        **_fences(column, policy),
        # A rare boolean clipped at quantiles would turn into a constant.
        quantile_clip=column.type is not ColumnType.boolean,
        fill=fill,
        value=_constant(policy),
        # That a value was missing stays known, unless clean decided otherwise.
        indicator=policy is None or policy.indicator,
        scaling="standard" if policy is None else policy.scaling,
    )


def _tree_treatment(column: Column, policy: ColumnPolicy | None) -> Treatment:
    fences = _fences(column, policy)
    clip = fences.get("outliers") == "clip"
    fill = policy.missing if policy is not None and policy.missing in FILLS else ""
    return Treatment(
        **fences,
        fill=fill,
        value=_constant(policy),
        indicator=bool(fill) and policy is not None and policy.indicator,
        cast=not clip and (column.type is ColumnType.datetime or graph_input(column).dtype == "float64"),
    )


def _fences(column: Column, policy: ColumnPolicy | None) -> dict[str, Any]:
    """What a number's treatment says about outliers that are clipped or made missing."""
    if policy is None or column.type is not ColumnType.numeric:
        return {}
    # Evidence of an older version says `clip` alone.
    action = "clip" if policy.clip else policy.outliers
    if action not in ("clip", "null"):
        return {}
    return {"outliers": action, "rule": policy.outlier_rule, "factor": policy.outlier_factor}


def _constant(policy: ColumnPolicy | None) -> Scalar:
    return float(str(policy.fill)) if policy is not None and policy.missing == "constant" else None
