"""Golden rows and reference of the build: what the fitted pipeline answers where nobody's data is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.bundle.golden import answered, columns_of
from fullcycle.core.bundle.model import Golden, Question
from fullcycle.core.bundle.reference import Reference, learn_reference
from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.models.adversarial import coerced_frame
from fullcycle.core.models.parity import in_order_of, library_versions


def learn_reference_of(
    fitted: Any, frame: pd.DataFrame, contract: Contract, times: pd.Series[Any] | None = None
) -> Reference:
    """What training rows look like, what the pipeline answers on them, and how far periods lie apart."""
    probabilities = _probabilities(fitted, frame, contract)
    predictions = np.asarray(fitted.predict(frame)) if probabilities is None else None
    columns = {str(name): values for name, values in frame.items()}
    moments = times if times is not None and times.dtype.kind == "M" else None
    return learn_reference(
        contract, columns, probabilities=probabilities, predictions=predictions, times=moments
    )


def questions_frame(contract: Contract, questions: Sequence[Question]) -> pd.DataFrame:
    """Golden rows as the pipeline takes them."""
    return coerced_frame(contract, columns_of(contract, questions))


def answer_questions(
    fitted: Any, frame: pd.DataFrame, questions: Sequence[Question], contract: Contract
) -> Golden:
    """Golden rows with the answers of the fitted pipeline, and the versions that gave them."""
    with np.errstate(all="ignore"):  # golden rows overflow on purpose
        probabilities = _probabilities(fitted, frame, contract)
        predictions = fitted.predict(frame)
        interval = fitted.predict_interval(frame) if hasattr(fitted, "predict_interval") else None
    return answered(questions, predictions, probabilities, interval=interval, made_with=library_versions())


def _probabilities(fitted: Any, frame: pd.DataFrame, contract: Contract) -> NDArray[np.float64] | None:
    if contract.task is Task.regression:
        return None
    return in_order_of(contract.classes or (), fitted, fitted.predict_proba(frame))
