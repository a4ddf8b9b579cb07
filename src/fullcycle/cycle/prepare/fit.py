"""The champion behind its calibration and threshold, both learned from out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.prepare import Calibration
from fullcycle.core.models.candidates import is_skewed
from fullcycle.core.models.estimators import SigmoidCalibrated
from fullcycle.core.models.evaluate import OutOfFold as Answers
from fullcycle.core.models.intervals import rows_needed, with_intervals
from fullcycle.cycle.prepare.calibrate import Stretch, learn_calibration
from fullcycle.cycle.prepare.variants.recipes import Fitted

THRESHOLD = 0.5


@dataclass(frozen=True)
class OutOfFold:
    """Predictions of rows by models that had not seen them.

    `probabilities` (n, k) in the order of `classes`, `labels` (n,) as positions in it, `folds` (n,).
    """

    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]

    def ordered(self, classes: Sequence[str]) -> OutOfFold:
        """The same with the classes in another order."""
        places = [self.classes.index(name) for name in classes]
        new_place = np.empty(len(self.classes), dtype=np.int64)
        new_place[places] = np.arange(len(places))
        return OutOfFold(tuple(classes), self.probabilities[:, places], new_place[self.labels], self.folds)


@dataclass(frozen=True)
class Champion:
    """The fitted candidate and the contract of what it sees; `threshold` is for the last of two classes of
    the contract, None otherwise."""

    fitted: Any
    calibration: Calibration
    contract: Contract
    threshold: float | None = None


def bounded_champion(
    fitted: Fitted, answers: NDArray[np.float64], truth: NDArray[np.float64], confidence: float
) -> Champion:
    """A fitted regressor with the intervals that its out-of-fold answers allow."""
    if len(answers) < rows_needed(confidence):
        raise UserError(
            where="fullcycle.yaml, key prepare.intervals",
            found=f"{confidence:g} with {len(answers)} rows that were judged out of fold",
            expected=f"at least {rows_needed(confidence)} for a claim of that confidence",
            hint="lower prepare.intervals or collect more rows, then run `fullcycle run prepare`",
        )
    ratios = is_skewed(truth)
    pipeline = with_intervals(fitted.pipeline, answers, truth, confidence, ratios=ratios)
    return Champion(pipeline, Calibration(method="none"), fitted.contract)


def out_of_fold_of(answers: Answers, classes: Sequence[str]) -> OutOfFold:
    """Out-of-fold answers in the order of the contract's classes, as calibration takes them."""
    return OutOfFold(tuple(classes), answers.answer, answers.codes, answers.folds)


def read_out_of_fold(oof: pd.DataFrame, target: pd.Series[Any], classes: Sequence[str]) -> OutOfFold:
    """Out-of-fold predictions beside the labels of their rows; `target` is indexed by row number."""
    position = {name: place for place, name in enumerate(classes)}
    labels = target.loc[oof["_row"].to_numpy()].astype(str).map(position)
    return OutOfFold(
        classes=tuple(classes),
        probabilities=oof[[f"p_{place}" for place in range(len(classes))]].to_numpy(dtype=np.float64),
        labels=np.asarray(labels, dtype=np.int64),
        folds=np.asarray(oof["fold"], dtype=np.int64),
    )


def calibrate_champion(
    fitted: Fitted, out_of_fold: OutOfFold, classes: Sequence[str], threshold: float | None
) -> Champion:
    """A fitted classifier behind the stretch that its out-of-fold predictions ask for.

    `threshold`, for the last of two classes, was chosen on the same predictions, so it is stretched with
    them; None means 0.5 of whatever comes out.
    """
    pipeline, contract = fitted.pipeline, fitted.contract
    known = tuple(str(name) for name in pipeline.classes_)
    seen = out_of_fold.ordered(known)
    stretch, calibration = learn_calibration(seen.probabilities, seen.labels, seen.folds)
    if len(known) > 2:
        return Champion(SigmoidCalibrated(pipeline, stretch.slope, stretch.shift), calibration, contract)
    # scikit-learn sorts classes; where a person put the other one last, the threshold is seen from its side.
    turned = known != tuple(classes)
    limit = _stretched(threshold, stretch, turned)
    wrapped = SigmoidCalibrated(pipeline, stretch.slope, stretch.shift, limit)
    return Champion(wrapped, calibration, contract, 1 - limit if turned else limit)


def _stretched(threshold: float | None, stretch: Stretch, turned: bool) -> float:
    if threshold is None:
        return THRESHOLD
    limit = 1 - threshold if turned else threshold
    return float(stretch(np.array([[1 - limit, limit]]))[0, 1])
