"""Commands of CI/CD: files for a provider, the image, and what their steps do that no other command does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, shown, to_type
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.automation import DeploymentFacts, SmokeFacts
    from fullcycle.core.project.project import Project

ci = typer.Typer(
    help="Write files for CI/CD, and the steps they are made of.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
PROVIDERS = ("github", "jenkins")
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file of your own.")]
ENDED = {
    "released": "answers now",
    "unchanged": "answered already",
    "promoted": "was promoted by its canary",
    "challenger": "ended its canary well and stays challenger: release it, or set release.canary.promote",
    "back_smoke": "answered wrongly; what was there before answers again",
    "back_canary": "was sent back by its canary",
    "back_by_hand": "answers again",
    "back_time": "got no verdict in time and was taken off: a canary needs traffic, and a server",
    "wrong": "answers wrongly, and nothing was there before it",
}
PROBLEMS = {
    "not_ready": "not ready",
    "other_version": "another bundle answers",
    "golden": "a golden row is answered otherwise",
    "accepted": "a row that breaks the contract is answered",
    "rejected_otherwise": "a row that breaks the contract is refused without its column",
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(ci, name="ci")


@ci.callback()
def group(
    context: typer.Context,
    *,
    provider: Annotated[str | None, typer.Option(metavar="PROVIDER", help="github or jenkins.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit 1 if the files are not what the settings imply."),
    ] = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the files of a CI provider; each of their steps is a command that runs here too."""
    if context.invoked_subcommand is not None:
        return
    from fullcycle.automate.pipelines.files import check_pipelines, write_pipelines

    project, name = project_here(), _provider(provider)
    if check:
        check_pipelines(project, name)
        typer.echo(f"the files of {name} are what fullcycle.yaml implies")
        return
    written = write_pipelines(project, name, force=force)
    _record(project, name)
    if as_json:
        show_json(
            {
                "files": [str(path) for path in written.files],
                "removed": [str(path) for path in written.removed],
            }
        )
        return
    for path in written.files:
        typer.echo(shown(path))
    for path in written.removed:
        typer.echo(f"{shown(path)} removed: the settings imply it no longer")
    say("\nNext:\n  commit them with fullcycle.yaml")


@ci.command()
def image(
    *,
    push: Annotated[
        str | None, typer.Option("--push", metavar="NAME", help="Build it by docker and push NAME:VERSION.")
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a Dockerfile for a small image that answers with what is released, or with the bundle."""
    from fullcycle.automate.image import push_image, write_image

    project = project_here()
    written = write_image(project, force=force)
    pushed = None if push is None else push_image(project, push)
    if as_json:
        files = [str(path.relative_to(project.root)) for path in written.files]
        show_json({"files": files, "requirement": written.requirement, "pushed": pushed})
        return
    if pushed is not None:
        typer.echo(f"pushed: {pushed}")
        return
    for path in written.files:
        typer.echo(shown(path))
    name = _slug(project.settings.name)
    say(f"\nNext:\n  docker build -t {name} {shown(project.root)}")
    say(f"  docker run --read-only -p {project.settings.serve.port}:{project.settings.serve.port} {name}")


@ci.command()
def compose(*, force: ForceOption = False, as_json: JsonOption = False) -> None:
    """Write files for docker compose: the API, MLflow and Prometheus, with workers and limits as planned."""
    from fullcycle.automate.compose import compose_files
    from fullcycle.automate.written import write_files
    from fullcycle.cli.plan import planned_for

    project = project_here()
    files = write_files(project.root, compose_files(project, planned_for(project)), force=force)
    _show_files(files, f"{to_type('ci image')} && docker compose up --build", as_json=as_json)


@ci.command()
def kubernetes(
    *,
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="NAME:TAG", help="By default ci.image and the bundle's version."),
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write what a cluster needs to answer with the image, with replicas and resources as planned."""
    from fullcycle.automate.image import version_in
    from fullcycle.automate.kubernetes import kubernetes_files
    from fullcycle.automate.written import write_files
    from fullcycle.cli.plan import planned_for

    project = project_here()
    settings = project.settings
    if settings.use.answers == "batch":
        raise UserError(
            where="fullcycle.yaml, key use.answers",
            found="batch",
            expected="online or both: a batch needs no servers",
            hint=f"`{to_type('ci --provider github')}` writes a job that scores on the schedule",
        )
    name = _slug(settings.name)
    told = image or f"{settings.ci.image or name}:{version_in(project)}"
    files = write_files(
        project.root, kubernetes_files(project, planned_for(project), name, told), force=force
    )
    _show_files(files, f"kubectl apply -f {shown(files[0])}", as_json=as_json)


def _show_files(files: list[Path], following: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"files": [str(path) for path in files]})
        return
    for path in files:
        typer.echo(shown(path))
    say(f"\nNext:\n  {following}")


def _slug(name: str) -> str:
    """A name for images and clusters: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "model"


@ci.command()
def restore(
    branch: Annotated[
        str | None, typer.Option(metavar="NAME", help="First go on to the newest commit of this branch.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring data and models of this commit from DVC's remote; what it lacks, the next run makes."""
    from fullcycle.automate.pipelines.remote import restore

    done = restore(project_here(), branch)
    if as_json:
        show_json(
            {"commit": done.commit, "remote": done.remote, "fetched": done.fetched, "missing": done.missing}
        )
        return
    if done.remote is None:
        typer.echo(f"at {done.commit[:10]}; no DVC remote, so a run makes everything")
        say("`dvc remote add --default NAME URL` names one")
        return
    lacking = f"; not there: {', '.join(done.missing)}" if done.missing else ""
    typer.echo(f"at {done.commit[:10]}; {done.fetched} outputs brought from {done.remote}{lacking}")


@ci.command()
def save(
    branch: Annotated[str, typer.Option(metavar="NAME", help="The branch to push to.")],
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The commit's subject.")
    ] = "Results of a run",
    as_json: JsonOption = False,
) -> None:
    """Push data and models to DVC's remote, then commit and push dvc.lock and evidence."""
    from fullcycle.automate.pipelines.remote import save

    done = save(project_here(), branch, why)
    if as_json:
        show_json(
            {"commit": done.commit, "branch": done.branch, "remote": done.remote, "pushed": done.pushed}
        )
        return
    kept = (
        "no DVC remote: data and models stay here"
        if done.remote is None
        else f"{done.pushed} files to {done.remote}"
    )
    told = "nothing new for git" if done.commit is None else f"commit {done.commit[:10]} on {done.branch}"
    typer.echo(f"{kept}; {told}")


@ci.command()
def smoke(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[TARGET|URL]",
            help="staging, production or an address; by default a server that this command starts.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a service for golden rows and with rows that break the contract; exit 1 if an answer is wrong."""
    found = _smoke(target)
    if as_json:
        show_json({**found.model_dump(mode="json"), "passed": found.passed})
    else:
        typer.echo("\n".join(_told_smoke(found)))
    raise typer.Exit(EXIT_FINE if found.passed else EXIT_CHECK_FAILED)


@ci.command()
def deploy(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="staging or production, of targets.")],
    *,
    canary: Annotated[
        bool, typer.Option("--canary", help="Begin with part of the traffic, and wait for the verdict.")
    ] = False,
    minutes: Annotated[float, typer.Option(min=0, help="That a canary is waited for.")] = 240,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the audit file.")] = "",
    registry: Annotated[
        bool, typer.Option("--registry/--no-registry", help="Whether MLflow's registry is told.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Release to a target, ask its service, and go back where it answers wrongly; exit 1 then."""
    from fullcycle.cli.deploying import Asked, deploy_to

    done, asked = deploy_to(project_here(), Asked(target, canary, minutes, why, registry))
    if as_json:
        show_json(
            {
                "deployment": done.model_dump(mode="json"),
                "smoke": asked and asked.model_dump(mode="json"),
                "passed": done.passed,
            }
        )
    else:
        typer.echo("\n".join(_told_deployment(done, asked)))
    raise typer.Exit(EXIT_FINE if done.passed else EXIT_CHECK_FAILED)


@ci.command()
def rollback(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="staging or production, of targets.")],
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="VERSION", help="A bundle there; empty: the release before.")
    ] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the audit file.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Go back at a target, and ask its service; exit 1 where it answers wrongly."""
    from fullcycle.cli.deploying import roll_back_at

    done, asked = roll_back_at(project_here(), target, to.strip() or None, why)
    if as_json:
        told = {"deployment": done, "smoke": asked}
        show_json(
            {name: each.model_dump(mode="json") for name, each in told.items()} | {"passed": done.passed}
        )
    else:
        typer.echo("\n".join(_told_deployment(done, asked)))
    raise typer.Exit(EXIT_FINE if done.passed else EXIT_CHECK_FAILED)


@ci.command()
def comment(
    *,
    against: Annotated[
        str, typer.Option(metavar="REF", help="The branch or commit to compare with.")
    ] = "origin/main",
    lang: Annotated[
        str | None, typer.Option(metavar="LANGUAGE", help="en or ru; the project's first by default.")
    ] = None,
    post: Annotated[bool, typer.Option("--post", help="Write it under the pull request, on GitHub.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write what a change does to the metrics, as Markdown with charts, into reports/comment/."""
    from fullcycle.cli.commenting import write_comment

    written = write_comment(project_here(), against, lang, post=post)
    if as_json:
        show_json({"files": [str(path) for path in written.files], "posted": written.address})
        return
    for path in written.files:
        typer.echo(shown(path))
    if written.address:
        typer.echo(f"posted: {written.address}")
    elif post:
        say("the token may not write a comment (a pull request from a fork?): it stands in the job's summary")


def _record(project: Project, name: Literal["github", "jenkins"]) -> None:
    """What runs when, for the report."""
    from fullcycle.automate.pipelines.jobs import as_facts, pipelines
    from fullcycle.core.evidence.automation import read_automation, update_automation

    folder = project.paths.evidence
    providers = tuple(sorted({*read_automation(folder).providers, name}))
    update_automation(folder, providers=providers, pipelines=as_facts(pipelines(project, name)))


def _provider(name: str | None) -> Literal["github", "jenkins"]:
    if name in PROVIDERS:
        return cast(Literal["github", "jenkins"], name)
    raise UserError(
        where="fullcycle ci --provider",
        found="no provider" if name is None else repr(name),
        expected=f"one of {', '.join(PROVIDERS)}",
        hint=f"`{to_type('ci --provider github')}`; `{to_type('ci --help')}` lists the other commands",
    )


def _smoke(target: str | None) -> SmokeFacts:
    from fullcycle.automate.served import served
    from fullcycle.automate.targets import NAMES, deploy_of, url_of
    from fullcycle.cli.deploying import champion_of, smoke_of

    project = project_here()
    if target is None:
        with served(project.paths.bundle) as (url, _):
            return smoke_of(project, url, project.paths.bundle, "")
    if target in NAMES:
        return smoke_of(project, url_of(project, target), champion_of(deploy_of(project, target)), target)
    if target.startswith(("http://", "https://")):
        return smoke_of(project, target, champion_of(deploy_of(project, None), project.paths.bundle), target)
    raise UserError(
        where=f"fullcycle ci smoke {target}",
        found="neither a target nor an address",
        expected=f"{', '.join(NAMES)}, or http://HOST:PORT",
        hint=f"`{to_type('ci smoke')}` starts a server of its own",
    )


def _told_smoke(found: SmokeFacts) -> Iterator[str]:
    place = found.target or "a server of its own"
    if found.passed:
        speed = f", 99 of 100 single rows within {found.speed['p99_ms']:.1f} ms" if found.speed else ""
        yield f"{place} answers as {found.bundle} must: {found.golden_rows} golden rows{speed}"
        yield f"{found.broken_rows} rows that break the contract were refused by name of the column"
        return
    yield f"{place} does not answer as {found.bundle} must:"
    for problem in found.problems:
        about = f", {problem.about}" if problem.about else ""
        yield f"  x {PROBLEMS[problem.kind]}{about}: {problem.found}"


def _told_deployment(done: DeploymentFacts, asked: SmokeFacts | None) -> Iterator[str]:
    why = f" ({', '.join(done.why)})" if done.why else ""
    yield f"{done.target}: {done.bundle} {ENDED[done.ended]}{why}"
    if asked is not None:
        yield from _told_smoke(asked)
    if not done.passed and done.answering is not None:
        yield f"{done.target} answers with {done.answering}"
