"""What every part of the settings is made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
KnownModel = Literal[
    "linear", "lightgbm", "extra_trees", "random_forest", "mlp", "xgboost", "catboost", "ensemble"
]
OWN_MODEL = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"
OwnModel = Annotated[str, Field(pattern=OWN_MODEL)]
ModelName = KnownModel | OwnModel
MetricName = Literal["roc_auc", "log_loss", "average_precision", "accuracy", "f1_macro", "r2", "rmse", "mae"]


class Section(BaseModel):
    """A part of the settings: an unknown key is an error, a value cannot be changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
