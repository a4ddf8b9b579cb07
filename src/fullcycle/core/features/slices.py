"""The slices that `verify.slices` declares: expressions that are true or false, or that name a category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.features.declared import vocabulary_of
from fullcycle.core.features.errors import ExpressionError
from fullcycle.core.features.of_project import feature_trees
from fullcycle.core.features.parse import parse
from fullcycle.core.features.tree import Kind
from fullcycle.core.project.settings_file import line_of

if TYPE_CHECKING:
    from pathlib import Path

    import ibis

    from fullcycle.core.features.tree import Node
    from fullcycle.core.project.project import Project

KINDS = (Kind.boolean, Kind.text)


def slice_trees(project: Project) -> dict[str, Node]:
    """The parsed expressions by name; UserError names file, line and character."""
    texts = project.settings.verify.slices
    if not texts:
        return {}
    features = feature_trees(project.contract, project) if project.settings.features else {}
    vocabulary = vocabulary_of(project.contract, project.lookups, features)
    trees = {}
    for name, text in texts.items():
        key = ("verify", "slices", name)
        try:
            trees[name] = parse(text, vocabulary)
        except ExpressionError as error:
            raise error.at(line_of(project, key)) from error
        if trees[name].kind not in KINDS:
            raise UserError(
                where=line_of(project, key),
                found=f"{text!r}, which gives a {trees[name].kind.value}",
                expected="a condition, such as `age < 25`, or a column of categories: a slice for each value",
            )
    return trees


def slice_values(project: Project, rows: Path) -> dict[str, list[Any]]:
    """What each expression gives on the rows of a table of the project, in the order of its row number."""
    from fullcycle.core.engines.tables import read_parquet

    return values_of_slices(project, read_parquet(rows)) if project.settings.verify.slices else {}


def values_of_slices(project: Project, rows: ibis.Table) -> dict[str, list[Any]]:
    """The same on coerced rows with their numbers."""
    from fullcycle.core.engines.tables import ROW, connect, from_arrow
    from fullcycle.core.features.compile import with_features

    trees = slice_trees(project)
    if not trees:
        return {}
    lookups = {name: from_arrow(lookup.table) for name, lookup in project.lookups.items()}
    # Under names of their own: a slice may be called as a column.
    named = {f"slice {at}": tree for at, tree in enumerate(trees.values())}
    made = with_features(rows, named, lookups).order_by(ROW)
    answers = connect().to_pyarrow(made.select(*named))
    return dict(zip(trees, (answers[column].to_pylist() for column in named), strict=True))
