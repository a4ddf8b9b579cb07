"""What a look finds beyond drift: causes, what answers were worth, control charts, and the skew
certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.predict import answer_table
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.engines.sample import thinned
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.causes import CauseFacts
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import ControlFacts, WindowFacts
from fullcycle.core.evidence.performance import PerformanceFacts
from fullcycle.core.evidence.skew import SkewFacts
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.core.routes.store import Deploy
from fullcycle.live.log.cells import quoted
from fullcycle.live.log.read import open_log
from fullcycle.live.monitor.answers import FALLBACK, LATENCY, TRUTH, Answers, answered_of, log_answers
from fullcycle.live.monitor.cause.window import causes_of
from fullcycle.live.monitor.control.window import Metric, control_charts
from fullcycle.live.monitor.current import SCORE, VALUE, Current, score_names
from fullcycle.live.monitor.joint import training_rows
from fullcycle.live.monitor.judge import Look
from fullcycle.live.monitor.performance.answered import Answered
from fullcycle.live.monitor.performance.late import outcomes_late
from fullcycle.live.monitor.performance.realised import ROWS_AT_LEAST
from fullcycle.live.monitor.performance.slices import slices_of
from fullcycle.live.monitor.performance.window import QUESTIONS, Verified, judge_performance
from fullcycle.live.monitor.skew import certify, served_sample
from fullcycle.live.monitor.windows import Cut, W

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.monitor_settings import Window
    from fullcycle.core.project.project import Project

SCORED_AT_MOST = 50_000  # rows of a source, for performance
BATCH_ROWS = 8_192
SKEW_ROWS = 300  # at each look; what a daily look misses, the next ones find
WAITS_LOOKED_BACK = 60  # to know how late outcomes usually come


@dataclass(frozen=True)
class Beyond:
    """As in MonitorEvidence; `findings` are about the look as a whole."""

    causes: CauseFacts | None = None
    performance: PerformanceFacts | None = None
    performance_of: str | None = None
    control: tuple[ControlFacts, ...] = ()
    skew: SkewFacts | None = None
    findings: tuple[Finding, ...] = field(default=())


def of_rows(
    project: Project, look: Look, current: Current, table: ibis.Table, seen: Sequence[tuple[Cut, WindowFacts]]
) -> Beyond:
    """What the rows of the newest judged window tell: causes, and of a source performance, by its outcomes
    if it has any."""
    judged = [(cut, window) for cut, window in seen if window.judged]
    if not judged:
        return Beyond()
    cut, window = judged[-1]
    training = training_rows(project.paths.train, look.bundle)
    causes = causes_of(look.bundle, table, cut, window, training)
    if current.kind == "log" or current.vanished:
        return Beyond(causes=causes)
    rows, answered = _scored(look.bundle, table, cut)
    alpha = look.budget.alpha("performance")
    facts, findings = judge_performance(verified(project, look.bundle), answered, answered, None, alpha)
    if facts.realised and look.bundle.tests.slices:
        sliced = slices_of(project, look.bundle, rows, answered, alpha / QUESTIONS)
        facts = facts.model_copy(update={"by_slice": sliced})
    return Beyond(causes, facts, window.key, findings=tuple(findings))


def of_log(
    project: Project, look: Look, window: Window | None, now: datetime, since: datetime | None
) -> Beyond:
    """What the whole log tells, outcomes that came for older answers among it."""
    with ExitStack() as stack:
        log = stack.enter_context(open_log(project.paths.predictions))
        answers = stack.enter_context(log_answers(project, log, look.bundle, window, now))
        if not answers.cuts:
            return Beyond()
        found = _performance(project, look, answers)
        control, ringing = control_charts(
            answers.table, answers.cuts, _metrics(look.bundle, answers.table), look.budget.alpha("control")
        )
        asked = f"version = {quoted(look.bundle.version)}"
        if since is not None:
            asked += f" AND time >= {quoted(since.isoformat())}::TIMESTAMPTZ"
        served = served_sample(log, where=asked, rows=SKEW_ROWS)
        skew = certify(served, _bundles(project, look.bundle)) if served else None
        told = (*found.findings, *ringing, *_skewed(skew))
        return replace(found, control=control, skew=skew, findings=told)


def verified(project: Project, bundle: Bundle) -> Verified:
    """What verify found of this bundle; how true probabilities are only where its evidence is here."""
    metrics = {each.metric: each.model for each in bundle.tests.metrics}
    known = _verdict(project)
    if known is None or known.bundle != bundle.version:
        return Verified(bundle.tests.headline, metrics, ())
    lies = any(each.code == Code.miscalibrated for each in known.findings)
    return Verified(bundle.tests.headline, metrics, None if lies else known.calibration)


def _verdict(project: Project) -> VerifyEvidence | None:
    try:
        return read_evidence(project.paths.evidence, VerifyEvidence)
    except UserError:  # a deployment has no evidence
        return None


def _performance(project: Project, look: Look, answers: Answers) -> Beyond:
    cut, alpha = _newest_known(look, answers), look.budget.alpha("performance")
    labelled = answers.of(cut.number)
    facts, findings = judge_performance(
        verified(project, look.bundle),
        answers.of(answers.cuts[-1].number),
        labelled,
        answers.waits_of(cut.number).waited_s,
        alpha,
    )
    if facts.realised and look.bundle.tests.slices:
        rows = answers.rows_of(cut.number)
        sliced = slices_of(project, look.bundle, rows, labelled, alpha / QUESTIONS)
        facts = facts.model_copy(update={"by_slice": sliced})
    late = outcomes_late(answers.waits(answers.cuts[-WAITS_LOOKED_BACK:]))
    return Beyond(performance=facts, performance_of=cut.key, findings=(*findings, *late))


def _newest_known(look: Look, answers: Answers) -> Cut:
    """The newest window with enough outcomes, or the newest one."""
    enough, known = max(ROWS_AT_LEAST, look.settings.rows_at_least), answers.known()
    there = [cut for cut in answers.cuts if known.get(cut.number, 0) >= enough]
    return there[-1] if there else answers.cuts[-1]


def _scored(bundle: Bundle, table: ibis.Table, cut: Cut) -> tuple[pa.Table, Answered]:
    rows = to_arrow(thinned(table.filter(table[W] == cut.number), SCORED_AT_MOST, cut.rows).order_by(ROW))
    answers = answer_table(bundle, rows, batch_rows=BATCH_ROWS)
    names = [VALUE] if bundle.classes is None else [f"probability_{name}" for name in bundle.classes]
    said = np.column_stack([np.asarray(answers[name].to_numpy(), dtype=np.float64) for name in names])
    return rows, answered_of(bundle, said, _outcomes(rows, bundle))


def _outcomes(rows: pa.Table, bundle: Bundle) -> NDArray[Any]:
    """None in a table that has none."""
    return np.array(rows[bundle.contract.target.name].to_pylist(), dtype=object)


def _metrics(bundle: Bundle, table: ibis.Table) -> list[tuple[Metric, Any]]:
    """Times by their logarithm, for a few slow answers would hide all others."""
    last = len(score_names(bundle.contract)) - 1
    truth = table[TRUTH]
    if bundle.contract.task is Task.regression:
        outcome = truth.try_cast("float64")
    else:
        outcome = (truth == (bundle.classes or ("",))[-1]).cast("float64")
    return [
        ("latency", (table[LATENCY] > 0).ifelse(table[LATENCY].ln(), None)),
        ("fallbacks", table[FALLBACK]),
        ("score", table[SCORE.format(last)]),
        ("outcome", outcome),
    ]


def _bundles(project: Project, bundle: Bundle) -> Callable[[str], Bundle | None]:
    """Bundles by version: the one that is watched, or one that was released."""
    deploy = Deploy(project.paths.deploy)

    def opened(version: str) -> Bundle | None:
        if version == bundle.version:
            return bundle
        try:
            return read_bundle(deploy.bundle(version))
        except UserError:
            return None

    return opened


def _skewed(skew: SkewFacts | None) -> list[Finding]:
    if skew is None or not skew.different:
        return []
    columns = sorted(skew.columns, key=lambda name: -skew.columns[name])
    kinds = sorted({each.kind for each in skew.differences})
    return [
        finding(
            Code.skew_found,
            Severity.error,
            *columns,
            rows=skew.rows,
            different=skew.different,
            largest=skew.largest,
            kinds=list(kinds),
        )
    ]
