"""The newest window and the training rows as samples, for the look at all columns together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.bundle.model import LINEAGE, Lineage
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.engines.sample import thinned
from fullcycle.core.engines.tables import read_parquet, to_arrow
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import JointFacts, WindowFacts
from fullcycle.live.monitor.drift.together import ROWS_AT_MOST, told_together
from fullcycle.live.monitor.windows import Cut, W

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.project import Project
    from fullcycle.live.monitor.current import Current
    from fullcycle.live.monitor.judge import Look


def judge_together(project: Project, look: Look, current: Current, table: ibis.Table, cut: Cut) -> JointFacts:
    """All columns of one window. Not run, and told so, where the bundle's training rows are not there."""
    rows = training_rows(project.paths.train, look.bundle)
    if rows is None:
        return JointFacts(ran=False, why_not="no_reference_rows")
    columns = [column for column in current.columns if column.name in rows.columns]
    names = [column.name for column in columns]
    before = to_arrow(thinned(rows, ROWS_AT_MOST).select(names))
    now = to_arrow(thinned(table.filter(table[W] == cut.number), ROWS_AT_MOST, cut.rows).select(names))
    return told_together(before, now, columns, project.settings.seed)


def training_rows(path: Path, bundle: Bundle) -> ibis.Table | None:
    """The rows that the bundle was made of, by their checksum; None where they are others, or gone."""
    from fullcycle.core.sources.scan import hash_file

    if not path.is_file() or bundle.manifest is None:
        return None
    lineage = read_piece(bundle.folder, LINEAGE, Lineage)
    return read_parquet(path) if hash_file(path)[0] == lineage.train_sha256 else None


def rings(look: Look, joint: JointFacts) -> Finding | None:
    """An alarm where chance is ruled out and the classifier is good enough to matter."""
    if not joint.ran or joint.auc is None or joint.p is None:
        return None
    if joint.auc < look.settings.limits.together or joint.p > look.budget.alpha("together"):
        return None
    facts: dict[str, Any] = {"auc": joint.auc, "p": joint.p, "rows": joint.rows}
    return finding(Code.rows_differ_together, Severity.warning, *joint.columns, **facts)


def with_alarm(windows: Sequence[WindowFacts], found: Finding | None) -> list[WindowFacts]:
    """The windows, the newest with the finding."""
    if found is None or not windows:
        return list(windows)
    newest = windows[-1].model_copy(update={"findings": (*windows[-1].findings, found)})
    return [*windows[:-1], newest]
