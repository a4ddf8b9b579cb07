"""Commands about features: list them, lay one open; suggestions are `proposals`' matter."""

from __future__ import annotations

from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli import proposals
from fullcycle.cli.common import JsonOption, project_here, say, show_json
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.contract.model import Contract
    from fullcycle.core.models.explain import Explained
    from fullcycle.core.project.project import Project

ROWS = 10


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        help="List features, lay one open, look for more.", rich_markup_mode=None, no_args_is_help=True
    )
    group.command("list")(list_features)
    group.command("explain")(explain)
    proposals.register(group)
    app.add_typer(group, name="features")


def list_features(as_json: JsonOption = False) -> None:
    """Every feature with its type, its columns and its expression."""
    project = project_here()
    derived = project.contract.derived
    if as_json:
        show_json([each.model_dump(mode="json") for each in derived])
        return
    if not derived:
        say("no features yet: write them below `features:` in fullcycle.yaml, such as `ratio: amount / days`")
    width = max((len(each.name) for each in derived), default=0)
    for each in derived:
        typer.echo(f"{each.name:<{width}}  {each.type.value:<11}  {each.expression}")
    if project.settings.suggested_features:
        say(f"suggested, and not used: {', '.join(project.settings.suggested_features)}")


def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A feature of fullcycle.yaml.")],
    as_json: JsonOption = False,
) -> None:
    """An expression, its two compiled forms, and the values of both on ten rows."""
    project = project_here()
    contract = project.contract
    _check_name(name, contract)
    rows = _rows(project, contract)
    from fullcycle.core.models.explain import explain as lay_open

    found = lay_open(contract, name, rows)
    if as_json:
        show_json(asdict(found))
    else:
        typer.echo("\n".join(_told(found)))


def _check_name(name: str, contract: Contract) -> None:
    known = [each.name for each in contract.derived]
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    raise UserError(
        where="fullcycle.yaml, features",
        found=f"no feature {name!r}",
        expected="one of " + ", ".join(known) if known else "a feature, such as `ratio: amount / days`",
        hint=f"did you mean `{near[0]}`?" if near else "`fullcycle features list` prints them",
    )


def _rows(project: Project, contract: Contract) -> pa.Table:
    """The first training rows, or of the snapshot as long as nothing is cleaned."""
    from fullcycle.core.contract.table import coerce_table
    from fullcycle.core.engines.tables import ROW, connect, read_parquet, read_snapshot

    if project.paths.train.is_file():
        table = read_parquet(project.paths.train)
    else:
        table = coerce_table(read_snapshot(project.paths.raw), contract)
    read = [column.name for column in contract.features]
    return connect().to_pyarrow(table.select(ROW, *read).order_by(ROW).limit(ROWS))


def _told(found: Explained) -> list[str]:
    lines = [f"{found.name}: {found.expression}", f"  a {found.kind} of {', '.join(found.columns)}", ""]
    lines += ["As DuckDB computes it:", *(f"  {line}" for line in found.table.splitlines()), ""]
    lines += ["As the graph computes it:", *(f"  {line}" for line in found.graph), ""]
    return [*lines, *_table(found.rows)]


def _table(rows: tuple[dict[str, Any], ...]) -> list[str]:
    names = list(rows[0]) if rows else []
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
