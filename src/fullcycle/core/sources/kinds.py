"""Kinds of sources by the scheme of their URI: each brings local files, which are then read by their format.

A new kind is a class with these three methods and a line in `KINDS`, or in another package an entry point
of the group `fullcycle.sources` whose name is the scheme and whose object is such a class.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.credentials import Secrets, has_variables, refuse_literal, unset, variables

GROUP = "fullcycle.sources"
SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
LOCAL = "fullcycle.core.sources.local:LocalFiles"
KINDS = {
    "file": LOCAL,
    "postgres": "fullcycle.core.sources.postgres:Postgres",
    "postgresql": "fullcycle.core.sources.postgres:Postgres",
    "duckdb": "fullcycle.core.sources.embedded:DuckDBFile",
    "sqlite": "fullcycle.core.sources.embedded:SQLiteFile",
    "kaggle": "fullcycle.core.sources.kaggle:Kaggle",
    "uci": "fullcycle.core.sources.uci:UCI",
}
FILE_KINDS = ("file", "duckdb", "sqlite")  # what stands behind the scheme is a path
REMOTE = "fullcycle.core.sources.remote:Remote"  # every other scheme with `//` that fsspec knows


@dataclass(frozen=True)
class Asked:
    """What a kind needs to know. `uri` is expanded and for use only; `shown` is what a person wrote."""

    uri: str
    shown: str
    root: Path
    settings: DataSettings
    secrets: Secrets
    query: str | None = None  # expanded, as `uri`

    @property
    def rest(self) -> str:
        """The URI without its scheme."""
        match = SCHEME.fullmatch(self.uri)
        return match["rest"] if match else self.uri


@dataclass(frozen=True)
class LocalFile:
    """A file to read, and its name without folders of this machine."""

    path: Path
    name: str


@dataclass(frozen=True)
class Fetched:
    """What a kind brought. `kind` names a database, whose rows stand in one Parquet file of ours."""

    files: tuple[LocalFile, ...]
    kind: str | None = None
    uses: frozenset[str] = field(default_factory=frozenset)  # settings that the kind itself has obeyed


class SourceKind(Protocol):
    """How one kind of source is reached. Messages show `asked.shown`, never `asked.uri`."""

    def check(self, asked: Asked) -> None:
        """Raise UserError for what can be known to be wrong without the network."""

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """Paths on this machine that the table depends on; none for what is elsewhere."""

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Bring the table as files in the order of their rows; `scratch` is an empty folder for them.

        Raises UserError for everything that may go wrong: no network, no key, no such table.
        """


def ask(settings: DataSettings, root: Path) -> tuple[SourceKind, Asked]:
    """The kind of a source, and the question to it with variables expanded. UserError as `check_written`."""
    check_written(settings)
    secrets = Secrets()
    uri = secrets.expand(settings.source, settings.source)
    query = secrets.expand(settings.query, "data.query") if settings.query else None
    return kind_of(uri, settings.source), Asked(uri, settings.source, root, settings, secrets, query)


def check_source(settings: DataSettings, root: Path) -> None:
    """Raise UserError for a source that can't work: a literal password, an unset variable, no such file."""
    kind, asked = ask(settings, root)
    kind.check(asked)


def check_written(settings: DataSettings) -> None:
    """Raise UserError for a literal password, an unset variable, or a table and a query at once."""
    for text, key in ((settings.source, "data.source"), (settings.query or "", "data.query")):
        refuse_literal(text, key)
        for name in variables(text):
            if name not in os.environ:
                raise unset(name, key)
    if settings.table and settings.query:
        raise UserError(
            where="data.table and data.query",
            found="both",
            expected="one of them: a table, or a query",
            hint="leave one out",
        )


def local_files(source: str, root: Path) -> tuple[str, ...]:
    """Paths that a source depends on, as they stand in fullcycle.yaml; none for a source that is elsewhere.

    A source with `${NAME}` names none: what is expanded must not be written down.
    """
    if has_variables(source):
        return ()
    kind, asked = ask(DataSettings(source=source), root)
    return kind.local_files(asked)


def is_local(source: str) -> bool:
    """True for a path or a glob: what isn't a URI."""
    return scheme_of(source) is None and not has_variables(source)


def scheme_of(source: str) -> str | None:
    """The scheme of a URI, or None for a path: `a:b.csv` is a file unless its scheme is one that we know."""
    match = SCHEME.fullmatch(source)
    if match is None:
        return None
    known = match["scheme"] in KINDS or match["rest"].startswith("//") or match["scheme"] in _plugged_in()
    return match["scheme"] if known else None


def kind_of(uri: str, shown: str) -> SourceKind:
    """The kind for a URI; UserError for a scheme that nothing answers."""
    scheme = scheme_of(uri)
    if scheme is None:
        return _made(LOCAL)
    if scheme in KINDS:
        return _made(KINDS[scheme])
    plugged = _plugged_in()
    if scheme in plugged:
        return cast("SourceKind", plugged[scheme].load()())
    from fsspec import available_protocols

    if scheme not in available_protocols():
        raise UserError(
            where=shown,
            found=f"a source of kind {scheme!r}",
            expected=f"a path, or one of {', '.join(sorted(KINDS))}, http, https, s3, gs, az",
            hint=f"mend it, or install a package with an entry point {scheme!r} in the group {GROUP}",
        )
    return _made(REMOTE)


def _made(place: str) -> SourceKind:
    module, _, name = place.partition(":")
    return cast("SourceKind", getattr(import_module(module), name)())


def _plugged_in() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
