"""Declared joins: columns of further tables beside the rows of the first, which stay as they are.

First rows are paired by their keys, in a narrow table of row numbers; what breaks the declaration is found
there, and only then are columns put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.engines.tables import ASCII_LOWER, ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.collect import JoinFacts
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.joins.keys import Keys

if TYPE_CHECKING:
    from fullcycle.core.contract.model import Contract
    from fullcycle.core.project.settings import DataSettings, Join

LEFT, MATCH, MOMENT = "_fullcycle_row", "_fullcycle_match", "_fullcycle_moment"
EXAMPLES = 5


@dataclass(frozen=True)
class Joined:
    """The wider table (lazy), row numbers of rows without a match, how the join went, and what a person
    should know of it."""

    table: ibis.Table
    unmatched: ibis.Table
    facts: JoinFacts
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sides:
    """Keys of both tables in one canonical form, beside row numbers: LEFT of the first, MATCH of the joined.

    `names` are the columns of the key in both; an as-of join has MOMENT too. Rows of the joined table whose
    key lacks a part are not in `right`: a missing key matches nothing.
    """

    left: ibis.Table
    right: ibis.Table
    names: tuple[str, ...]
    told: tuple[str, ...]  # the columns' names as a person knows them
    personal: bool


def join_table(
    table: ibis.Table,
    joined: ibis.Table,
    join: Join,
    contract: Contract,
    *,
    place: int = 0,
    source_sha256: str | None = None,
) -> Joined:
    """The table with columns of `joined`; both have a row number.

    Raises UserError, with counts and examples, where the join would multiply rows, drop rows, or match a
    joined row twice although it is one to one; and for keys that are absent or can't be compared, and names
    that clash.
    """
    where = f"fullcycle.yaml, key data.joins[{place}] ({join.source})"
    _check_columns(table, joined, join, where)
    taken = _taken(table, joined, join, where)
    sides = _sides(table, joined, join, contract, where)
    _refuse_repeated(sides, join, where)
    pairs = _paired(sides, join).cache()
    counts = _counts(pairs)
    if join.cardinality == "one_to_one" and counts["matched"] > counts["used"]:
        raise _matched_twice(sides, pairs, counts, where)
    examples = _unmatched(sides, pairs) if counts["matched"] < counts["rows"] else ()
    if join.how == "inner" and counts["matched"] < counts["rows"]:
        raise _would_drop(counts, examples, where)
    facts = JoinFacts(
        source=join.source,
        source_sha256=source_sha256,
        on=join.on,
        how=join.how,
        cardinality=join.cardinality,
        as_of=join.as_of is not None,
        rows=counts["rows"],
        matched=counts["matched"],
        joined_rows=int(connect().to_pyarrow(joined.count()).as_py()),
        columns=tuple(taken),
        unmatched_examples=examples,
    )
    unmatched = pairs.filter(pairs[MATCH].isnull()).select(pairs[LEFT].name(ROW))
    return Joined(_beside(table, joined, pairs, taken), unmatched, facts, _findings(facts, sides.told))


def reading_of(join: Join, settings: DataSettings) -> DataSettings:
    """How the joined table is opened: as the first one, but for where it is."""
    return settings.model_copy(
        update={"source": join.source, "table": join.table, "query": join.query, "joins": []}
    )


def columns_taken(joined: Sequence[str], join: Join) -> dict[str, str]:
    """Names in the wider table, and what the joined table calls them."""
    key = {ROW, *join.on.values(), *([join.as_of.right] if join.as_of else [])}
    wanted = [name for name in joined if name not in key] if join.columns is None else join.columns
    return {join.prefix + name: name for name in wanted}


# --- what is joined


def _check_columns(table: ibis.Table, joined: ibis.Table, join: Join, where: str) -> None:
    left, right = list(join.on), list(join.on.values())
    if join.as_of:
        left, right = [*left, join.as_of.left], [*right, join.as_of.right]
    _require(left, table, "the table so far", where)
    _require([*right, *(join.columns or ())], joined, join.source, where)


def _require(names: Iterable[str], table: ibis.Table, called: str, where: str) -> None:
    there = [name for name in table.columns if name != ROW]
    for name in names:
        if name not in there:
            close = get_close_matches(name, there, n=1)
            raise UserError(
                where=where,
                found=f"no column {name!r} in {called}",
                expected="one of " + ", ".join(there[:20]) + (", ..." if len(there) > 20 else ""),
                hint=f"did you mean {close[0]!r}?"
                if close
                else "`on` has names of the table, and what the joined table calls them",
            )


def _taken(table: ibis.Table, joined: ibis.Table, join: Join, where: str) -> dict[str, str]:
    """As `columns_taken`, or a UserError: names that are there already, or no column at all."""
    taken = columns_taken(joined.columns, join)
    there = {name.translate(ASCII_LOWER) for name in table.columns}
    clashing = [name for name in taken if name.translate(ASCII_LOWER) in there]
    if clashing:
        raise UserError(
            where=where,
            found=f"columns that the table has already ({', '.join(map(repr, clashing[:5]))})",
            expected="a name of its own for each column, whatever its case",
            hint=f"give it a `prefix`, such as `prefix: {_prefix(join)}`, or name the `columns` to take",
        )
    if not taken:
        raise UserError(
            where=where, found="no column beside the key", expected="columns to take", hint="remove the join"
        )
    return taken


def _prefix(join: Join) -> str:
    stem = join.source.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    word = "".join(letter if letter.isalnum() else "_" for letter in stem).strip("_").lower()
    return f"{word or 'joined'}_"


def _beside(table: ibis.Table, joined: ibis.Table, pairs: ibis.Table, taken: dict[str, str]) -> ibis.Table:
    narrow = joined.select(joined[ROW].name(MATCH), *(joined[old].name(new) for new, old in taken.items()))
    found = pairs.filter(pairs[MATCH].notnull()).inner_join(narrow, MATCH).drop(MATCH)
    wide = table.left_join(found, table[ROW] == found[LEFT])
    names = [name for name in table.columns if name != ROW]
    return wide.select(*names, *taken, ROW)


# --- pairing rows


def _sides(table: ibis.Table, joined: ibis.Table, join: Join, contract: Contract, where: str) -> Sides:
    compared = dict(join.on)
    moment = (join.as_of.left, join.as_of.right) if join.as_of else None
    left, right = Keys(table, joined, contract, join.source, where).read(compared, moment)
    names = tuple(f"k{at}" for at in range(len(compared)))
    left = left.rename({LEFT: ROW})
    right = right.rename({MATCH: ROW})
    if moment:
        left, right = left.rename({MOMENT: "moment"}), right.rename({MOMENT: "moment"})
    whole = [right[name].notnull() for name in right.columns]
    personal = {column.name for column in contract.columns if column.personal}
    hidden = bool(personal & {*compared, *compared.values()})
    return Sides(left, right.filter(whole), names, tuple(compared), hidden)


def _paired(sides: Sides, join: Join) -> ibis.Table:
    """Every row of the first table (LEFT), and the row of the joined one (MATCH, null if there is none)."""
    if join.as_of is None:
        return sides.left.left_join(sides.right, list(sides.names)).select(LEFT, MATCH)
    right = sides.right.rename({f"{name}_r": name for name in (*sides.names, MOMENT)})
    found = sides.left.asof_join(
        right,
        sides.left[MOMENT] >= right[f"{MOMENT}_r"],
        [sides.left[name] == right[f"{name}_r"] for name in sides.names],
    )
    match = found[MATCH]
    if join.as_of.within_s is not None:
        age_s = _seconds(found[MOMENT]) - _seconds(found[f"{MOMENT}_r"])
        match = (age_s <= join.as_of.within_s).ifelse(match, ibis.null())
    return found.select(found[LEFT], match.name(MATCH))


def _seconds(moment: Any) -> Any:
    from fullcycle.core.engines.measures import epoch_us

    return epoch_us(moment) / 1e6 if moment.type().is_timestamp() else moment


def _counts(pairs: ibis.Table) -> dict[str, int]:
    counted = pairs.aggregate(rows=pairs.count(), matched=pairs[MATCH].count(), used=pairs[MATCH].nunique())
    [row] = connect().to_pyarrow(counted).to_pylist()
    return {name: int(number) for name, number in row.items()}


# --- what breaks the declaration


def _refuse_repeated(sides: Sides, join: Join, where: str) -> None:
    """A key on several joined rows: they would multiply rows, or leave it to chance which one counts."""
    by = [*sides.names, *([MOMENT] if join.as_of else [])]
    grouped = sides.right.group_by(by).aggregate(n=sides.right.count())
    repeated = grouped.filter(grouped.n > 1)
    totals = repeated.aggregate(keys=repeated.count(), rows=repeated.n.sum())
    [total] = connect().to_pyarrow(totals).to_pylist()
    if not total["keys"]:
        return
    shown = _shown(repeated, sides, by, repeated.n)
    told = (
        f"{total['keys']:,} keys of {join.source} on more than one row, {total['rows']:,} rows in all{shown}"
    )
    if join.as_of is None:
        told += _would_multiply(sides, repeated)
    moment = " and moment" if join.as_of else ""
    raise UserError(
        where=where,
        found=told,
        expected=f"each key{moment} on one row, so that rows are not multiplied ({join.cardinality})",
        hint="add the column that tells them apart to `on`, join `as_of` a moment, "
        "or reduce that table to one row for each key first",
    )


def _would_multiply(sides: Sides, repeated: ibis.Table) -> str:
    rows = connect().to_pyarrow(sides.left.count()).as_py()
    hit = sides.left.inner_join(repeated, list(sides.names))
    more = connect().to_pyarrow((hit.n - 1).sum()).as_py() or 0
    return f"; {rows:,} rows would become {rows + int(more):,}"


def _matched_twice(sides: Sides, pairs: ibis.Table, counts: dict[str, int], where: str) -> UserError:
    matched = pairs.filter(pairs[MATCH].notnull())
    grouped = matched.group_by(MATCH).aggregate(n=matched.count())
    repeated = grouped.filter(grouped.n > 1).inner_join(sides.right, MATCH)
    shown = _shown(repeated, sides, sides.names, repeated.n)
    return UserError(
        where=where,
        found=f"{counts['matched']:,} matched rows that share {counts['used']:,} joined ones{shown}",
        expected="one row for each joined row (one_to_one)",
        hint="if several rows may share one, set `cardinality: many_to_one`",
    )


def _would_drop(counts: dict[str, int], examples: Sequence[str], where: str) -> UserError:
    lacking = counts["rows"] - counts["matched"]
    shown = f", such as {'; '.join(examples)}" if examples else ""
    return UserError(
        where=where,
        found=f"{lacking:,} of {counts['rows']:,} rows without a match{shown}",
        expected="a match for each row (how: inner); a join drops no rows",
        hint="`how: left` keeps them, with missing values; or mend the keys",
    )


def _unmatched(sides: Sides, pairs: ibis.Table) -> tuple[str, ...]:
    """Keys without a match, the most frequent first; none of a personal column."""
    if sides.personal:
        return ()
    lacking = pairs.filter(pairs[MATCH].isnull()).select(LEFT).inner_join(sides.left, LEFT)
    by = [*sides.names, *([MOMENT] if MOMENT in lacking.columns else [])]
    grouped = lacking.group_by(by).aggregate(n=lacking.count())
    return tuple(text for text, _rows in _listed(grouped, by, grouped.n))


def _shown(repeated: ibis.Table, sides: Sides, by: Sequence[str], rows: Any) -> str:
    if sides.personal:
        return ""
    listed = [f"{text} on {n}" for text, n in _listed(repeated, by, rows)]
    return f", such as {'; '.join(listed)}"


def _listed(grouped: ibis.Table, by: Sequence[str], rows: Any) -> list[tuple[str, int]]:
    texts = [grouped[name].cast("string").fill_null("(missing)") for name in by]
    key = texts[0]
    for text in texts[1:]:
        key = key + ", " + text
    told = grouped.select(key=key, n=rows)
    most = told.order_by([ibis.desc("n"), "key"]).limit(EXAMPLES)
    return [(row["key"], int(row["n"])) for row in connect().to_pyarrow(most).to_pylist()]


def _findings(facts: JoinFacts, key: Sequence[str]) -> tuple[Finding, ...]:
    lacking = facts.rows - facts.matched
    if not lacking:
        return ()
    unmatched = finding(
        Code.join_unmatched,
        Severity.info,
        *key,
        source=facts.source,
        rows=lacking,
        share=lacking / facts.rows,
        examples=list(facts.unmatched_examples),
    )
    return (unmatched,)
