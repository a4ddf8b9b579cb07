"""Scoring a source from its first row to its last: snapshot, chunks, and one file at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.progress import progress
from fullcycle.live.score.chunk import Scorer, identifiers, refuse_names
from fullcycle.live.score.joined import check_ending, join_parts, rejected_beside
from fullcycle.live.score.joining import LACKS, Joins, join_to
from fullcycle.live.score.work import Part, Plan, Work, work_beside

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.settings import DataSettings

CELLS_AT_ONCE = 4_000_000  # of a chunk: some hundred megabytes, whatever the number of columns


@dataclass(frozen=True)
class Asked:
    """What to score, by what, and where to. A path in `data` is relative to `root`; `joins` are what
    the project puts beside its own rows."""

    data: DataSettings
    root: Path
    bundle: Path
    out: Path
    resume: bool = False
    answers_only: bool = False
    chunk_rows: int | None = None
    joins: Joins | None = None


@dataclass(frozen=True)
class Scored:
    """What was written. `rejected_file` is None where no row was set aside; `resumed` counts chunks that an
    interrupted scoring had done."""

    out: Path
    version: str
    rows: int
    answered: int
    rejected: int
    rejected_file: Path | None
    resumed: int
    unexpected: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        rejected = None if self.rejected_file is None else str(self.rejected_file)
        return {**asdict(self), "out": str(self.out), "rejected_file": rejected}


def score(asked: Asked) -> Scored:
    """Answer every row of a source that the contract takes, and set the others aside with reasons.

    Memory does not grow with rows. `out` appears whole or not at all; after a kill,
    `resume` goes on with the rows as they were when scoring began. Raises UserError for what is wrong with
    source, bundle or out.
    """
    check_ending(asked.out)
    bundle = read_bundle(asked.bundle)
    with work_beside(asked.out) as work:
        plan = _plan(asked, bundle, work)
        resumed = len(work.done())
        parts = _answer(asked, bundle, work, plan)
        rejected_file = _put_together(asked.out, work, parts)
        unexpected: Counter[str] = Counter()
        for part in parts:
            unexpected.update(part.unexpected)
        work.remove()
    return Scored(
        out=asked.out,
        version=bundle.version,
        rows=plan.rows,
        answered=sum(part.answered for part in parts),
        rejected=sum(part.rejected for part in parts),
        rejected_file=rejected_file,
        resumed=resumed,
        unexpected=dict(unexpected),
    )


def _plan(asked: Asked, bundle: Bundle, work: Work) -> Plan:
    """The plan that is under way here, or a new one with a new snapshot."""
    there = work.plan() if asked.resume else None
    if there is None:
        work.clear()
        return _begin(asked, bundle, work)
    _refuse_another(there, asked, bundle)
    return there


def _begin(asked: Asked, bundle: Bundle, work: Work) -> Plan:
    from fullcycle.core.engines.stream import rows_at_once, stream_parquet
    from fullcycle.core.engines.tables import ROW, read_parquet
    from fullcycle.core.sources.columns import require_columns
    from fullcycle.core.sources.source import open_source

    where, joins = asked.data.source, asked.joins
    features = bundle.contract.model_copy(update={"columns": bundle.contract.features})
    place = work.snapshot if joins is None else work.source
    with open_source(asked.data, asked.root, snapshot=place, write=stream_parquet) as source:
        names, table = [column.name for column in source.facts.columns], source.table
        if joins is not None:
            names = [name for name in join_to(place, work.snapshot, joins) if name not in (ROW, LACKS)]
            place.unlink()
            table = read_parquet(work.snapshot)
        require_columns(table, features, where)
        refuse_names(bundle, identifiers(bundle.contract, names) if asked.answers_only else names, where)
        plan = Plan(
            source=where,
            bundle=bundle.version,
            chunk_rows=asked.chunk_rows or rows_at_once(len(names), CELLS_AT_ONCE),
            answers_only=asked.answers_only,
            rows=source.facts.rows,
            columns=tuple(names),
        )
    work.begin(plan)
    return plan


def _refuse_another(there: Plan, asked: Asked, bundle: Bundle) -> None:
    differs: list[tuple[str, Callable[[], object], object]] = [
        ("the source", lambda: asked.data.source, there.source),
        ("the bundle", lambda: bundle.version, there.bundle),
        ("--answers-only", lambda: asked.answers_only, there.answers_only),
    ]
    for name, now, before in differs:
        if now() != before:
            raise UserError(
                where="fullcycle score --resume",
                found=f"{name} {now()}",
                expected=f"{before}, as when the interrupted scoring began",
                hint="the same command without --resume begins anew",
            )


def _answer(asked: Asked, bundle: Bundle, work: Work, plan: Plan) -> list[Part]:
    """Every part, those that were done before as they are."""
    from fullcycle.core.engines.stream import Rows

    done = {part.number: part for part in work.done()}
    chunks = max(-(-plan.rows // plan.chunk_rows), 1)
    with progress(chunks, "scoring") as advance, closing(Rows(work.snapshot)) as rows:
        advance(len(done))
        scorer = Scorer(bundle, rows.schema, answers_only=plan.answers_only)
        for number in range(chunks):
            if number in done:
                continue
            chunk = scorer.score(rows.read(number * plan.chunk_rows, plan.chunk_rows))
            done[number] = work.finish(number, chunk.answered, chunk.rejected, chunk.unexpected)
            advance(note=f"{sum(part.answered for part in done.values()):,} rows")
        scorer.close()
    return [done[number] for number in range(chunks)]


def _put_together(out: Path, work: Work, parts: list[Part]) -> Path | None:
    """Rejected rows first: whoever sees OUT sees everything."""
    beside = rejected_beside(out)
    rejects = [work.rejects(part.number) for part in parts if part.rejected]
    if rejects:
        join_parts(rejects, beside)
    else:
        beside.unlink(missing_ok=True)  # of an earlier scoring into the same file
    join_parts([work.answers(part.number) for part in parts], out)
    return beside if rejects else None
