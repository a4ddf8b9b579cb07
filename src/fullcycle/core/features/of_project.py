"""The features and lookups that `fullcycle.yaml` declares, read for a project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.features.declared import derived, parse_features
from fullcycle.core.project.settings_file import line_of

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.contract.model import Contract
    from fullcycle.core.features.lookups import Lookup
    from fullcycle.core.features.tree import Node
    from fullcycle.core.project.project import Project


def with_derived(contract: Contract, project: Project) -> Contract:
    """The contract with the project's features. UserError names file, line and character."""
    texts = project.settings.features
    if not texts:
        return contract
    made = derived(feature_trees(contract, project), texts)
    tables = {name: lookup.columns() for name, lookup in project.lookups.items()}
    return contract.model_copy(update={"derived": made, "lookups": tables})


def check_suggestions(contract: Contract, project: Project) -> None:
    """Each suggestion has a name and types that would hold if it were accepted; UserError names its line."""
    settings = project.settings
    for name, suggested in settings.suggested_features.items():
        where = line_of(project, ("suggested_features", name, "expression"))
        hint = f"mend it, or `fullcycle features reject {name}`"
        if name in settings.features:
            raise UserError(
                where=where, found=f"{name!r}, the name of a feature too", expected="a new name", hint=hint
            )
        try:
            parse_features(
                {**settings.features, name: suggested.expression},
                contract,
                project.lookups,
                partial(_always, where),
            )
        except UserError as error:
            error.hint = f"{error.hint}; {hint}" if error.hint else hint
            raise


def _always(where: str, _: str) -> str:
    return where


def feature_trees(contract: Contract, project: Project) -> dict[str, Node]:
    """The parsed expressions by name."""
    return parse_features(
        project.settings.features,
        contract,
        project.lookups,
        lambda name: line_of(project, ("features", name)),
    )


def read_lookups(project: Project) -> dict[str, Lookup]:
    """The tables of `lookups:`, each read whole from its source."""
    from fullcycle.core.engines.tables import ROW, connect
    from fullcycle.core.features.lookups import lookup_of
    from fullcycle.core.sources.source import open_source

    found = {}
    for name, asked in project.settings.lookups.items():
        where = line_of(project, ("lookups", name))
        reading = project.settings.data.model_copy(
            update={"source": asked.source, "table": asked.table, "query": asked.query, "joins": []}
        )
        with open_source(reading, project.root) as source:
            there = [column for column in source.table.columns if column != ROW]
            wanted = there if asked.columns is None else [asked.key, *asked.columns]
            absent = [column for column in wanted if column not in there]
            if absent:
                raise UserError(
                    where=where,
                    found=f"no column {absent[0]!r} in {asked.source}",
                    expected="one of " + ", ".join(there[:20]),
                )
            table = connect().to_pyarrow(source.table.order_by(ROW).select(*dict.fromkeys(wanted)))
        found[name] = lookup_of(name, _typed(table, asked.key), asked.key, where)
    return found


def _typed(table: pa.Table, key: str) -> pa.Table:
    """A text file has texts only: columns whose every value is a number become numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, column in enumerate(table.column_names):
        values = table[column]
        if column == key or not pa.types.is_string(values.type):
            continue
        filled = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
        try:
            table = table.set_column(at, column, filled.cast(pa.float64()))
        except pa.ArrowInvalid:
            continue
    return table
