"""What `verify` of fullcycle.yaml refers to: a bundle, columns of groups, expressions of slices."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import ColumnType, Role

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

Broken = tuple[tuple[str | int, ...], str, str, str]  # key, found, expected, hint

GROUPED = (ColumnType.categorical, ColumnType.boolean)
DEFAULT_BEHAVIOUR = "tests/behaviour.yaml"


def broken_verdicts(project: Project) -> Iterator[Broken]:
    """What leads nowhere; a mistake in an expression raises a UserError that points into it."""
    yield from _champion(project)
    yield from _fairness(project)
    named = project.settings.verify.behaviour
    if named != DEFAULT_BEHAVIOUR and not (project.root / named).is_file():
        yield ("verify", "behaviour"), f"{named!r}, and there is no such file", "a YAML file with tests", ""
    if project.settings.verify.slices:  # the language of expressions brings Ibis: a quarter of a second
        from fullcycle.core.features.slices import slice_trees

        slice_trees(project)


def _champion(project: Project) -> Iterator[Broken]:
    named = project.settings.verify.champion
    if named is None:
        return
    key, folder = ("verify", "champion"), (project.root / named).resolve()
    if folder == project.paths.bundle.resolve():
        yield (
            key,
            f"{named!r}, which verify writes itself",
            "a copy of a released bundle",
            "copy it first: `cp -r bundle champion`",
        )
    elif not (folder / "MANIFEST.json").is_file():
        yield key, f"{named!r}, and there is no bundle", "a folder with MANIFEST.json", ""


def _fairness(project: Project) -> Iterator[Broken]:
    columns = {column.name: column for column in project.contract.columns}
    for at, name in enumerate(project.settings.verify.fairness):
        key = ("verify", "fairness", at)
        if name not in columns:
            close = get_close_matches(name, columns, n=1, cutoff=0.5)
            hint = f"did you mean `{close[0]}`?" if close else ""
            yield key, f"{name!r}, and the contract has no such column", "a column of contract.yaml", hint
        elif columns[name].role is Role.target:
            yield key, f"{name!r}, the target", "a column whose values are groups", ""
        elif columns[name].type not in GROUPED and not _few_numbers(project, name):
            yield (
                key,
                f"{name!r}, a {columns[name].type} column",
                "a categorical or boolean column",
                "declare its parts as slices, such as `old: age >= 60`",
            )


def _few_numbers(project: Project, name: str) -> bool:
    """0 and 1 are groups too: many tables write yes and no so."""
    limits = project.contract.column(name).range
    return limits == (0.0, 1.0)
