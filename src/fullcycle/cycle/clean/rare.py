"""Rare categories: those that share one column in the model, as a few rows teach nothing about each of them.

The encoder pools them inside the graph, learned on whatever rows it is fitted on; here they are told. The
table keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

import ibis
from ibis import _

from fullcycle.core.contract.model import ColumnType, Contract
from fullcycle.core.engines.grouped import is_long
from fullcycle.core.engines.tall import fetch, joined, parts, tall_table
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.cycle.clean.learned import EXAMPLE_CHARACTERS, Learned

ROWS_AT_LEAST = 500  # below, a category of two rows is no news
POOLED_BELOW = 10  # rows; the encoders of candidates pool what has fewer (less in tables under 2,000 rows)
EXAMPLES = 3


def rare_decisions(train: ibis.Table, learned: Learned, contract: Contract) -> list[Decision]:
    """One for each categorical feature with rare values beside one that is not rare."""
    categories = {c.name for c in contract.features if c.type is ColumnType.categorical}
    policies = {p.column: p for p in learned.policies if p.column in categories}
    summaries = learned.measured.summaries
    limits = {
        name: limit
        for name, policy in policies.items()
        if (limit := _limit(policy.rare_share, summaries[name].rows)) > 1 and summaries[name].distinct > 2
    }
    return [
        Decision(
            code=Code.rare_categories.value,
            column=name,
            rows=row["n"],
            examples=() if contract.column(name).personal else _shown(row["examples"]),
            action="pooled",
            reason="settings" if policies[name].rare_share else "too_few_rows",
            facts={
                "categories": row["categories"],
                "share": round(row["n"] / summaries[name].rows, 6),
                "below_rows": limits[name],
            },
            before=summaries[name],
            after=summaries[name].model_copy(
                update={"distinct": summaries[name].distinct - row["categories"] + 1}
            ),
        )
        for name, row in _rare(train, limits)
        if row["categories"] < summaries[name].distinct
    ]


def _limit(share: float, rows: int) -> int:
    """A category of fewer rows is rare: by the settings' share, else by the encoders' own least."""
    if share:
        return ceil(share * rows)
    return min(rows // 200, POOLED_BELOW) if rows >= ROWS_AT_LEAST else 0


def _rare(train: ibis.Table, limits: Mapping[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Number, rows and a few examples of the categories below each column's limit, where there are any."""
    if is_long(train):
        for name, limit in limits.items():
            grouped = train.group_by(v=train[name].cast("string")).aggregate(n=_.count())
            [row] = fetch(_told(grouped.filter(_.v.notnull() & (_.n < limit))))
            if row["categories"]:
                yield name, row
        return
    for part in parts(train, {name: train[name].cast("string") for name in limits}):
        names = list(part)
        counted = tall_table(train, part).filter(_.v.notnull()).group_by("c", "v").aggregate(n=_.count())
        few = joined(counted, needed=[limits[name] for name in names]).filter(_.n < _.needed)
        for row in fetch(_told(few.group_by("c")).order_by("c")):
            yield names[row["c"]], row


def _told(few: Any) -> ibis.Table:
    least = _.v.collect(order_by=_.v)
    return few.aggregate(categories=_.count(), n=_.n.sum(), examples=least[:EXAMPLES])


def _shown(examples: list[str] | None) -> tuple[str, ...]:
    return tuple(text[:EXAMPLE_CHARACTERS] for text in examples or ())
