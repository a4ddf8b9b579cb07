"""What every part of the settings is made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(gt=0, lt=1)]
KnownModel = Literal[
    "linear", "lightgbm", "extra_trees", "random_forest", "mlp", "xgboost", "catboost", "ensemble"
]
OWN_MODEL = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"
OwnModel = Annotated[str, Field(pattern=OWN_MODEL)]
ModelName = KnownModel | OwnModel
MetricName = Literal["roc_auc", "log_loss", "average_precision", "accuracy", "f1_macro", "r2", "rmse", "mae"]


class Section(BaseModel):
    """A part of the settings: an unknown key is an error, a value cannot be changed after reading.

    A key whose lines are all taken out or commented holds nothing, as in `features:`, and means none of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value is not None or not cls._is_block(key)}

    @classmethod
    def _is_block(cls, key: object) -> bool:
        """Whether the key has lines of its own below it, and a default."""
        field = cls.model_fields.get(str(key))
        return field is not None and isinstance(field.default, dict | list | Section)
