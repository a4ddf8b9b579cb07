"""card.md: the model card, made of the bundle's other files alone, so it can't disagree with them.

In English, as API and reference are; the reports say the same in every language of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fullcycle.core.bundle.model import BundleContract, Lineage, Tests
from fullcycle.core.bundle.reference import ColumnReference, Reference
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import GateResult, MetricResult

CATEGORIES_SHOWN = 6
# Of what lineage.json lists whole: what the numbers depend on most.
MADE_WITH = ("python", "fullcycle", "onnxruntime", "scikit-learn", "lightgbm", "skl2onnx", "onnx", "numpy")
GATES = {
    "parity": "the graph repeats the fitted pipeline on every test row (largest difference)",
    "golden_rows": "the runtime repeats the golden rows",
    "better_than_baseline": "better than answering without looking, with the whole interval",
    "leak_suspects": "every leak suspect has been decided on (undecided)",
    "metric_at_least": "set by the project: at least",
    "metric_at_most": "set by the project: at most",
    "not_worse_than_champion": "no worse than the bundle in production, on the same rows",
    "calibration_error": "probabilities can be read as shares",
    "weak_slices": "no part of the rows is answered worse than the model itself expects",
    "declared_slice": "a declared part of the rows is answered as well as can be expected",
    "fairness_ratio": "groups are treated alike",
    "noise": "a little noise moves answers little",
    "missing": "no single column that is missing moves answers much",
    "unit": "a slip of unit moves answers little, or the contract notices it",
    "unseen": "a category never seen moves answers little",
    "behaviour": "behaviour",
    "rows_apart": "no test row is a training row",
    "groups_apart": "no group has rows on both sides of the split",
    "time_apart": "no test row lies before the end of the training rows",
    "stability": "fitted again, the model answers alike",
    "size_mb": "the graph is small enough, in megabytes",
    "budget_latency_p99_ms": "the budget of latency: 99 of 100 single rows within, in milliseconds",
    "budget_size_mb": "the budget of size, in megabytes",
    "budget_quality_loss_at_most": "the budget of quality: lost against the search's champion, out of fold",
}


def render_card(
    name: str, version: str, *, facts: BundleContract, reference: Reference, tests: Tests, lineage: Lineage
) -> str:
    """Markdown; `version` is the bundle's."""
    sections = [
        [f"# {_cell(name)}", "", *_what(facts, version)],
        ["## How good it is", "", *_quality(tests)],
        ["## Gates", "", *_gates(tests.gates)],
        ["## What it was trained on", "", *_training(reference, lineage)],
        ["## What it takes", "", *_inputs(facts, reference)],
        ["## What to know before relying on it", "", *_limits(facts, reference, tests)],
        ["## Where it comes from", "", *_lineage(lineage)],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _what(facts: BundleContract, version: str) -> Iterator[str]:
    target = _code(facts.contract.target.name)
    if facts.classes is None:
        yield f"Predicts the number {target} ({facts.contract.task.value}) for one row of the table."
    else:
        classes = ", ".join(map(_code, facts.classes))
        yield f"Predicts which of {classes} the column {target} holds, with the probability of each class."
    if facts.threshold is not None and facts.classes:
        yield f"It says {_code(facts.classes[-1])} from a probability of {facts.threshold:.4g}."
    yield f"Bundle version `{version}`."


def _quality(tests: Tests) -> Iterator[str]:
    yield f"On {tests.rows:,} test rows that nothing was learned from; intervals by bootstrap."
    yield ""
    yield "| metric | model | interval | without looking at the row |"
    yield "| --- | --- | --- | --- |"
    for metric in sorted(tests.metrics, key=lambda metric: metric.metric != tests.headline):
        yield _metric_row(metric, tests.headline)


def _metric_row(metric: MetricResult, headline: str) -> str:
    name = f"**{metric.metric}**" if metric.metric == headline else metric.metric
    better = "higher is better" if metric.higher_is_better else "lower is better"
    model = metric.model
    return f"| {name} ({better}) | {_number(model.value)} | {_interval(model)} | {_number(metric.baseline)} |"


def _interval(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "none"
    return f"{_number(interval.low)} to {_number(interval.high)} ({interval.confidence:.0%})"


def _gates(gates: Sequence[GateResult]) -> Iterator[str]:
    yield (
        "All gates passed."
        if all(gate.passed for gate in gates)
        else "**Not fit for release: a gate failed.**"
    )
    yield ""
    yield "| gate | found | bound | passed |"
    yield "| --- | --- | --- | --- |"
    for gate in gates:
        yield f"| {_what_of(gate)} | {gate.found} | {gate.bound} | {'yes' if gate.passed else '**no**'} |"


def _what_of(gate: GateResult) -> str:
    names = [gate.metric] if gate.metric else []
    about = ", ".join([*names, *([_cell(gate.about)] if gate.about else []), *map(_code, gate.columns)])
    return GATES.get(gate.id, gate.id) + (f": {about}" if about else "")


def _training(reference: Reference, lineage: Lineage) -> Iterator[str]:
    yield f"{reference.rows:,} rows of {_code(lineage.source)}, model `{lineage.model}`"
    settings = ", ".join(f"{key} = {value}" for key, value in lineage.parameters.items())
    yield f"({_cell(settings)})." if settings else "with its default settings."


def _inputs(facts: BundleContract, reference: Reference) -> Iterator[str]:
    known = {column.name: column for column in reference.columns}
    yield "| column | type | in training | missing |"
    yield "| --- | --- | --- | --- |"
    for column in facts.contract.features:
        learned = known.get(column.name)
        missing = f"{learned.missing_rate:.1%}" if learned else "none"
        yield f"| {_code(column.name)} | {column.type.value} | {_seen(column, learned)} | {missing} |"


def _seen(column: Column, learned: ColumnReference | None) -> str:
    """The values of training rows, in a few words; nothing of a personal column."""
    if column.personal:
        return "personal, not shown"
    if learned is None or (learned.shape is None and not learned.categories):
        return "no common value"
    if learned.shape is not None and column.type is ColumnType.numeric:
        quantiles = learned.shape.quantiles
        return f"{quantiles[5]:.6g} to {quantiles[95]:.6g} (9 of 10 rows)"
    if learned.shape is not None:
        return "dates"
    names = list(learned.categories or ())
    more = f" and {len(names) - CATEGORIES_SHOWN} more" if len(names) > CATEGORIES_SHOWN else ""
    return ", ".join(map(_code, names[:CATEGORIES_SHOWN])) + more


def _limits(facts: BundleContract, reference: Reference, tests: Tests) -> Iterator[str]:
    yield "- It is right about rows like those above. Other values are answered and marked, not refused."
    kept = [column for column in facts.contract.features if column.leak == "keep"]
    for column in kept:
        yield f"- {_code(column.name)} was a leak suspect and is used: {_cell(column.leak_reason or '')}"
    personal = [column.name for column in facts.contract.features if column.personal]
    if personal:
        yield f"- Uses columns marked personal: {', '.join(map(_code, personal))}."
    sparse = [column.name for column in reference.columns if column.missing_rate > 0.5]
    if sparse:
        yield f"- Missing in more than half of the training rows: {', '.join(map(_code, sparse))}."
    for check in tests.checks:
        if not check.passed:
            what = f"{_what_of(check)} (found {_cell(check.found)}, asked for {_cell(check.bound)})"
            yield f"- Does not hold: {what}."
    if not tests.passed:
        yield "- A gate failed, so it must not be released."


def _lineage(lineage: Lineage) -> Iterator[str]:
    state = " with changes that were not committed" if lineage.dirty else ""
    known = lineage.environment
    facts: Iterable[tuple[str, str]] = (
        ("commit", f"`{lineage.commit}`{state}" if lineage.commit else "none"),
        ("made", lineage.created),
        ("source", f"{_code(lineage.source)}, sha256 `{lineage.source_sha256[:16]}`"),
        ("training rows", f"sha256 `{lineage.train_sha256[:16]}`"),
        ("test rows", f"sha256 `{lineage.test_sha256[:16]}`"),
        ("seed", str(lineage.seed)),
        ("made with", ", ".join(f"{name} {known[name]}" for name in MADE_WITH if name in known)),
    )
    yield from (f"- {name}: {value}" for name, value in facts)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _code(name: str) -> str:
    """A name of the user's data as code, whatever it is made of: the fence is longer than any inside."""
    inner = " ".join(name.split()).replace("|", "\\|") or " "
    fence = "`" * (max(map(len, re.findall("`+", inner)), default=0) + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{pad}{inner}{pad}{fence}"


def _cell(text: str) -> str:
    """Text that can't break a table or become markup."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return plain.replace("`", "\\`").replace("*", "\\*").replace("[", "\\[").replace("_", "\\_")
