"""A person's own estimator is proven on a few rows before the search spends its time on it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.trials import single_threaded
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.candidates import build_candidate, kind_of, search_context
from fullcycle.core.models.evaluate import Rows
from fullcycle.core.models.kinds.own import is_import_path
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import prove

ROWS = 500


def check_own_models(
    models: Sequence[str], contract: Contract, policies: Sequence[ColumnPolicy], rows: Rows, seed: int
) -> None:
    """Fit, export and prove each estimator that was named by import path.

    Raises UserError where it has no form in the graph, CheckFailed where the graph answers differently.
    """
    for name in models:
        if is_import_path(name):
            _check(name, contract, policies, rows, seed)


def _check(name: str, contract: Contract, policies: Sequence[ColumnPolicy], rows: Rows, seed: int) -> None:
    chosen = np.random.default_rng(seed).permutation(len(rows.codes))[:ROWS]
    frame, target = rows.features.iloc[chosen], rows.target.iloc[chosen].to_numpy()
    parameters = kind_of(name).default(search_context(contract, len(chosen), rows.codes[chosen]))
    candidate = build_candidate(name, parameters, contract, policies, seed)
    with warnings.catch_warnings(), single_threaded():
        warnings.simplefilter("ignore")
        fitted = candidate.fit(frame, target)
    try:
        model = serialize(export_onnx(fitted, contract))
        prove(fitted, model, adversarial_frame(contract, frame), contract, "adversarial")
        prove(fitted, model, frame, contract, "train")
    except UserError as error:
        kind = CheckFailed if isinstance(error, CheckFailed) else UserError
        raise kind(
            where=f"fullcycle.yaml, key experiment.models, {name}",
            found=f"an estimator whose export to ONNX can't be proven ({error.where}: {error.found})",
            expected="a graph that answers as the estimator does, on ordinary and on hard rows",
            hint="use an estimator that skl2onnx converts faithfully (linear models, naive Bayes, nearest "
            "neighbours, support vectors), or take it out of experiment.models",
        ) from error
