"""For the stages that fit, export and judge a model, all three of them."""

from __future__ import annotations

from fullcycle.cli.preloaded import load

load(
    "fullcycle.core.models.candidates",
    "fullcycle.core.models.onnx.export",
    "fullcycle.cycle.experiment.stage",
    "fullcycle.cycle.prepare.stage",
    "fullcycle.cycle.verify.stage",
    "lightgbm",
    "onnx",
    "scipy.stats",
    "sklearn.linear_model",
)
