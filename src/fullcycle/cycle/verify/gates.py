"""The gates: what a bundle must pass before release, each with what was found beside its bound."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import Parity
from fullcycle.core.evidence.value import ValueFacts
from fullcycle.core.evidence.verify import ChampionComparison, GateResult, MetricResult
from fullcycle.core.project.claims import Gate
from fullcycle.cycle.verify.criteria import as_number, own_gates


def check_gates(
    *,
    parity: Parity,
    golden_rows: int,
    headline: str,
    metrics: Sequence[MetricResult],
    suspects: Sequence[LeakSuspect],
    contract: Contract,
    wanted: Sequence[Gate],
    value: ValueFacts | None = None,
    champion: ChampionComparison | None = None,
) -> tuple[GateResult, ...]:
    """Every gate, those that the product demands first, then the project's own.

    Raises UserError for a gate on a metric that the task does not have.
    """
    by_name = {metric.metric: metric for metric in metrics}
    return (
        parity_gate(parity),
        golden_gate(golden_rows),
        baseline_gate(by_name[headline]),
        leak_gate(suspects, contract),
        *(gate for each in wanted for gate in own_gates(each, by_name, value, champion)),
    )


def parity_gate(parity: Parity) -> GateResult:
    """The graph repeats the pipeline on test rows. A larger error never gets here: it ends the stage."""
    return GateResult(
        id="parity",
        passed=parity.passed,
        found=f"{parity.largest_error:.1e}",
        bound=f"{parity.tolerance:.0e}",
    )


def golden_gate(golden_rows: int) -> GateResult:
    """The installed runtime repeats the golden rows. Another answer ends the stage, so all were right."""
    return GateResult(id="golden_rows", passed=True, found=f"{golden_rows}", bound=f"{golden_rows}")


def baseline_gate(metric: MetricResult) -> GateResult:
    """The whole interval of the headline metric is better than answering without looking at the row."""
    worst = metric.model.low if metric.higher_is_better else metric.model.high
    passed = worst is not None and metric.baseline is not None
    if passed and worst is not None and metric.baseline is not None:
        passed = worst > metric.baseline if metric.higher_is_better else worst < metric.baseline
    return GateResult(
        id="better_than_baseline",
        passed=passed,
        found=as_number(worst),
        bound=as_number(metric.baseline),
        metric=metric.metric,
    )


def leak_gate(suspects: Sequence[LeakSuspect], contract: Contract) -> GateResult:
    """A person has decided on each leak suspect that blocks: `leak: drop`, or `leak: keep` with a reason."""
    waiting = {_leaking(each) for each in suspects if each.blocks and not _decided(contract, each)}
    undecided = sorted({name for names in waiting for name in names})
    return GateResult(
        id="leak_suspects",
        passed=not undecided,
        found=str(len(waiting)),
        bound="0",
        columns=tuple(undecided),
    )


def verdict_findings(gates: Sequence[GateResult], openings: int) -> tuple[Finding, ...]:
    """Each gate that failed, and a warning where these test rows have judged more than one model."""
    failed = [
        finding(
            Code.gate_failed,
            Severity.error,
            *gate.columns,
            gate=gate.id,
            found=gate.found,
            bound=gate.bound,
            metric=gate.metric,
            about=gate.about or None,
        )
        for gate in gates
        if not gate.passed
    ]
    if openings > 1:
        failed.append(finding(Code.test_opened_again, Severity.warning, openings=openings))
    return tuple(failed)


def _leaking(suspect: LeakSuspect) -> tuple[str, ...]:
    """The columns a decision about which ends the leak: of an aggregate the first, made by the other."""
    return (suspect.columns if suspect.kind != "aggregate" else ()) or (suspect.column,)


def _decided(contract: Contract, suspect: LeakSuspect) -> bool:
    """As contract.yaml says today, not as explore found it. A column that left the model is decided, and of
    several that only leak together it is enough to decide about one."""
    undecided = {feature.name for feature in contract.features if feature.leak is None}
    return not undecided.issuperset(_leaking(suspect))
