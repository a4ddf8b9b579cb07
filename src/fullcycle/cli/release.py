"""Commands about what answers: release, routes, rollback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, coloured, project_here, say, show_json, shown, to_type
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project
    from fullcycle.core.routes.model import Role, Routes
    from fullcycle.core.routes.store import Deploy
    from fullcycle.cycle.release.stage import Released

ROLES: tuple[Role, ...] = ("champion", "challenger", "shadow")
AUDIT_SHOWN = 5
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the audit file.")]
routes_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of `--help`."""
    app.command()(release)
    app.add_typer(routes_app, name="routes", help="Show or set which bundle answers what.")
    app.command()(rollback)


def release(
    *,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="DIR", help="A bundle; the project's by default.")
    ] = None,
    role: Annotated[
        str,
        typer.Option(
            "--as", metavar="ROLE", help="champion answers, challenger in part, shadow only watches."
        ),
    ] = "champion",
    share: Annotated[
        float | None,
        typer.Option(
            "--share", metavar="SHARE", help="Of a challenger; without it, the canary widens it by itself."
        ),
    ] = None,
    why: WhyOption = "",
    registry: Annotated[
        bool, typer.Option("--registry/--no-registry", help="Whether MLflow's registry is told.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Let a bundle that passed its gates answer; servers follow."""
    from fullcycle.cycle.release.stage import Wish, release

    project = project_here()
    wish = Wish(_role(role), _share(share, role), why, registry)
    done = release(project, bundle or project.paths.bundle, wish)
    if as_json:
        show_json(_released(done))
    else:
        typer.echo("\n".join(_told_release(project, done, wish.role)))


@routes_app.callback()
def routes(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show which bundle answers what."""
    if context.invoked_subcommand is not None:
        return
    project = project_here()
    deploy, there = _routes(project)
    if as_json:
        show_json(_as_dict(deploy, there))
    else:
        typer.echo("\n".join(_told_routes(deploy, there)))


@routes_app.command("set")
def set_routes(
    *,
    challenger: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Gets part of the traffic; `none` takes it off.")
    ] = None,
    share: Annotated[float | None, typer.Option(metavar="SHARE", help="Of the challenger, up to 1.")] = None,
    shadow: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Only watches; `none` takes it off.")
    ] = None,
    why: WhyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Change share, challenger or shadow among the bundles in deploy/."""
    from fullcycle.core.routes.change import set_beside
    from fullcycle.core.routes.store import person

    project = project_here()
    deploy, _ = _routes(project)
    if challenger is None and share is None and shadow is None:
        raise UserError(
            where="fullcycle routes set",
            found="nothing to set",
            expected="--challenger VERSION, --share SHARE or --shadow VERSION",
            hint=f"`{to_type('routes')}` shows what there is",
        )
    after = set_beside(
        deploy,
        challenger=challenger,
        share=_share(share, "challenger"),
        shadow=shadow,
        who=person(project.root),
        why=why,
    )
    _show(deploy, after, as_json=as_json)


@routes_app.command("sync")
def sync(as_json: JsonOption = False) -> None:
    """Let the aliases in MLflow's registry say what the routes say."""
    from fullcycle.cycle.release.stage import point_registry

    project = project_here()
    aliases = point_registry(project)
    if as_json:
        show_json(aliases)
    else:
        typer.echo("\n".join(f"{alias:10} version {version}" for alias, version in aliases.items()))


def rollback(
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="A bundle in deploy/; the one before by default."),
    ] = None,
    why: WhyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Go back to the release before, or to VERSION."""
    from fullcycle.core.routes.change import roll_back
    from fullcycle.core.routes.store import person

    project = project_here()
    deploy, _ = _routes(project)
    after = roll_back(deploy, version, who=person(project.root), why=why)
    _show(deploy, after, as_json=as_json)


def _role(word: str) -> Role:
    for role in ROLES:
        if role == word:
            return role
    raise UserError(
        where="fullcycle release --as",
        found=repr(word),
        expected=f"one of {', '.join(ROLES)}",
        hint=f"`{to_type('release --help')}`",
    )


def _share(share: float | None, role: str) -> float | None:
    if share is None or (0 < share <= 1 and role == "challenger"):
        return share
    raise UserError(
        where="--share",
        found=f"{share:g}" + ("" if role == "challenger" else f" for a {role}"),
        expected="a share above 0 and up to 1, of a challenger",
        hint=f"`{to_type('release --as challenger --share 0.1')}`",
    )


def _routes(project: Project) -> tuple[Deploy, Routes]:
    from fullcycle.core.routes.change import nothing_released
    from fullcycle.core.routes.store import Deploy, read_routes

    deploy = Deploy(project.paths.deploy)
    there = read_routes(deploy)
    if there is None:
        raise nothing_released(deploy)
    return deploy, there


def _released(done: Released) -> dict[str, Any]:
    return {
        "version": done.version,
        "folder": str(done.folder),
        "registered": None
        if done.registered is None
        else {"name": done.registered.name, "version": done.registered.version},
        "routes": done.routes.model_dump(mode="json"),
    }


def _told_release(project: Project, done: Released, role: Role) -> Iterator[str]:
    if done.before is not None and done.before == done.routes:
        yield f"{done.version} is {role} already; nothing changed"
    else:
        yield coloured(f"{done.version} is {role} now", bold=True) + f", in {shown(done.folder)}"
    yield from _told_roles(done.routes)
    if done.registered is not None:
        yield f"registered as {done.registered.name} version {done.registered.version}"
    yield f"back: {to_type('rollback')}"


def _show(deploy: Deploy, routes: Routes, *, as_json: bool) -> None:
    if as_json:
        show_json(_as_dict(deploy, routes))
        return
    typer.echo("\n".join(_told_routes(deploy, routes)))
    say(f"MLflow's aliases follow at the next release, or now by `{to_type('routes sync')}`")


def _as_dict(deploy: Deploy, routes: Routes) -> dict[str, Any]:
    from fullcycle.core.routes.store import audit_lines

    return {
        **routes.model_dump(mode="json", exclude={"salt"}),
        "versions": deploy.versions(),
        "servers": _servers(deploy),
        "audit": audit_lines(deploy)[-AUDIT_SHOWN:],
    }


def _told_routes(deploy: Deploy, routes: Routes) -> Iterator[str]:
    from fullcycle.core.routes.store import audit_lines

    yield from _told_roles(routes)
    yield from _told_servers(routes, _servers(deploy))
    for line in audit_lines(deploy)[-AUDIT_SHOWN:]:
        why = f": {line['why']}" if line.get("why") else ""
        yield f"{str(line['at'])[:19]}  {line['action']} by {line['who']}{why}"


def _servers(deploy: Deploy) -> list[dict[str, Any]]:
    """What the processes say that answer now."""
    from fullcycle.live.routes.said import told

    return [each.content for each in told(deploy) if each.alive]


def _told_servers(routes: Routes, servers: list[dict[str, Any]]) -> Iterator[str]:
    if not servers:
        return
    behind = sum(server.get("number") != routes.number for server in servers)
    processes = "1 process" if len(servers) == 1 else f"{len(servers)} processes"
    yield f"servers     {processes}" + (f", {behind} with older routes" if behind else "")
    seen = {(each["version"], each["reason"]) for server in servers for each in server.get("refused", ())}
    for version, reason in sorted(seen):
        yield coloured(f"refused     {version}: {reason}", fg="red")
    for role in ("champion", "challenger"):
        counts = [server["counts"][role] for server in servers if role in server.get("counts", {})]
        if counts:
            answers, errors = (sum(each[key] for each in counts) for key in ("answers", "errors"))
            yield f"{role:11} {answers:,} answers, {errors:,} failed, since this share began"
    open_ = {role for server in servers for role, state in server["breakers"].items() if state != "closed"}
    if open_:
        yield coloured(f"left alone  {', '.join(sorted(open_))}, which failed often", fg="yellow")


def _told_roles(routes: Routes) -> Iterator[str]:
    beside = routes.challenger
    rest = 1.0 if beside is None else 1.0 - beside.share
    yield f"champion    {routes.champion}  {rest:.0%} of the traffic"
    if beside is not None:
        by_itself = "" if beside.canary is None else f", canary step {beside.canary.step + 1}"
        yield f"challenger  {beside.bundle}  {beside.share:.0%}{by_itself}"
    if routes.shadow is not None:
        yield f"shadow      {routes.shadow}  watches"
    if routes.previous:
        yield f"before      {', '.join(routes.previous[:3])}"
