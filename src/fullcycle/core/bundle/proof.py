"""Golden rows on the runtime that is installed: it answers as the fitted pipeline did, or not at all.

A release of the runtime itself (1.26.0) answered forests wrongly on clean rows, so a bundle that was right
when it was made says nothing about the machine it runs on today.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.feeds import Feeds, compile_feeds
from fullcycle.core.bundle.model import MODEL, PROBABILITY_TOLERANCE, VALUE_TOLERANCE, GoldenRow
from fullcycle.core.bundle.runtime import Runtime, first_line
from fullcycle.core.errors import CheckFailed, UserError

SHOWN = 3  # wrong rows that are spelled out; the rest are counted


def prove_golden_rows(bundle: Bundle, runtime: Runtime) -> None:
    """Ask every golden row, as one batch and alone: the runtime takes different paths for the two.

    Raises CheckFailed that names rows and both versions, or UserError where the graph doesn't run at all.
    """
    wrong = [*_read_otherwise(bundle), *_answered_otherwise(bundle, runtime)]
    if wrong:
        made, installed = _made_with(bundle, runtime), runtime.version
        raise CheckFailed(
            where=f"{bundle.folder}, golden rows on {runtime.name} {installed} (installed)",
            found="; ".join(wrong[:SHOWN])
            + (f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""),
            expected=f"the answers that the bundle was made with on {runtime.name} {made}, within 1e-5",
            hint=_hint(runtime.name, made, installed),
        )


def _hint(name: str, made: str, installed: str) -> str:
    if made not in ("unknown", installed):
        return f"pip install '{name}=={made}', the version that the bundle was made with"
    return "make the bundle again with `fullcycle run`, or restore it from git or DVC"


def _read_otherwise(bundle: Bundle) -> Iterator[str]:
    """Rows that this version of fullcycle coerces to other values than the one that made the bundle."""
    from fullcycle.core.contract.row import RowRejected

    for number, golden in enumerate(bundle.golden.rows):
        try:
            values = bundle.coerce(golden.row).values
        except RowRejected as error:
            yield f"row {number} ({golden.kind}) is rejected by the contract: {error}"
            continue
        if not _same_values(values, golden.values):
            yield f"row {number} ({golden.kind}) is coerced to other values than when the bundle was made"


def _same_values(found: tuple[object, ...], expected: tuple[object, ...]) -> bool:
    return len(found) == len(expected) and all(
        one == other and isinstance(one, bool) == isinstance(other, bool)
        for one, other in zip(found, expected, strict=True)
    )


def _answered_otherwise(bundle: Bundle, runtime: Runtime) -> Iterator[str]:
    rows = bundle.golden.rows
    convert = compile_feeds(bundle.inputs, [column.name for column in bundle.contract.features])
    batch = _ask(bundle, convert([row.values for row in rows]), runtime)
    for number, golden in enumerate(rows):
        alone = _ask(bundle, convert([golden.values]), runtime)
        for how, answers, at in (("in a batch", batch, number), ("alone", alone, 0)):
            difference = answer_difference(bundle, golden, answers, at)
            if difference:
                yield f"row {number} ({golden.kind}, {how}) {difference}"
                break


def _ask(bundle: Bundle, fed: Feeds, runtime: Runtime) -> Answers:
    try:
        return bundle.run(fed)
    except Exception as error:  # the runtime has its own exceptions, of many classes
        raise UserError(
            where=f"{bundle.folder}/{MODEL}",
            found=f"a graph that fails with {runtime.name} {runtime.version}: {first_line(error)}",
            expected=f"the answers of {runtime.name} {_made_with(bundle, runtime)}",
            hint=_hint(runtime.name, _made_with(bundle, runtime), runtime.version),
        ) from error


def _made_with(bundle: Bundle, runtime: Runtime) -> str:
    return bundle.golden.made_with.get(runtime.name, "unknown")


def answer_difference(bundle: Bundle, golden: GoldenRow, answers: Answers, at: int) -> str:
    """What is wrong with one answer, or nothing."""
    said = answers.prediction[at]
    if answers.probabilities is None or golden.probabilities is None:
        pairs = [(float(golden.prediction), float(said))]
        if golden.interval is not None and answers.interval is not None:
            pairs += zip(golden.interval, answers.interval[at].tolist(), strict=True)
        return next(filter(None, (_value_difference(*pair) for pair in pairs)), "")
    expected, found = (
        np.asarray(golden.probabilities),
        np.asarray(answers.probabilities[at], dtype=np.float64),
    )
    error = float(np.max(np.abs(expected - found))) if expected.shape == found.shape else np.inf
    if not error <= PROBABILITY_TOLERANCE:  # written so that NaN is an error too
        return f"has probabilities {_short(found)} instead of {_short(expected)}"
    if str(said) != golden.prediction and not _on_the_edge(expected, bundle.threshold):
        return f"is called {said!r} instead of {golden.prediction!r}"
    return ""


def _value_difference(expected: float, found: float) -> str:
    if abs(expected - found) <= VALUE_TOLERANCE * max(1.0, abs(expected)):
        return ""
    return f"is {found:.7g} instead of {expected:.7g}"


def _on_the_edge(probabilities: NDArray[np.float64], threshold: float | None) -> bool:
    """Whether the label may tip within the tolerance (DECISIONS 20)."""
    if len(probabilities) == 2:
        limit = 0.5 if threshold is None else threshold
        return bool(abs(probabilities[1] - limit) <= PROBABILITY_TOLERANCE)
    first, second = np.sort(probabilities)[::-1][:2]
    return bool(first - second <= 2 * PROBABILITY_TOLERANCE)


def _short(values: NDArray[np.float64]) -> str:
    return "[" + ", ".join(f"{value:.6f}" for value in values) + "]"
