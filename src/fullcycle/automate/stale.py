"""What of a project has fallen behind: older forms, the environment, the contract, image, CI files, hooks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.automate.check import Check, wrong
from fullcycle.core.errors import UserError
from fullcycle.core.project.git import git

if TYPE_CHECKING:
    from fullcycle.automate.pipelines.jobs import Provider
    from fullcycle.core.project.project import Project

NAMED = 4
HOOKS = (
    "post-checkout",
    "pre-push",
)  # what `dvc install` sets: data follows a checkout, and goes with a push


def forms(project: Project) -> Iterator[Check]:
    """Files that an older fullcycle wrote."""
    from fullcycle.automate.migrate import changes

    try:
        found = changes(project)
    except UserError as error:
        yield wrong("forms", error)
        return
    if found:
        names = ", ".join(each.name for each in found)
        yield Check("forms", "warning", f"of an older fullcycle: {names}", "fullcycle migrate")
    else:
        yield Check("forms", "ok", "every file has today's form")


def environment(project: Project) -> Iterator[Check]:
    """Whether the last run was on what is installed now."""
    from fullcycle.core.project.environment import TOLD_ONLY, recorded_environment
    from fullcycle.core.project.environment import environment as now

    if not (project.paths.evidence / "environment.json").exists():
        return
    recorded, found = recorded_environment(project), now(project.settings.experiment.models)
    names = [name for name in dict.fromkeys((*recorded, *found)) if recorded.get(name) != found.get(name)]
    others = [name for name in names if name not in TOLD_ONLY]
    if others:
        shown = ", ".join(others[:NAMED]) + (
            f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        )
        cure = "fullcycle run --frozen names each with what to type; fullcycle run goes on with these"
        yield Check("environment", "warning", f"other than at the last run: {shown}", cure)
    else:
        yield Check("environment", "ok", "as at the last run")


def contract(project: Project) -> Iterator[Check]:
    """Whether the bundle was made with the contract of today."""
    from fullcycle.core.bundle.model import CONTRACT, BundleContract
    from fullcycle.core.bundle.pieces import read_piece

    if not project.paths.bundle.exists():
        return
    sealed = read_piece(project.paths.bundle, CONTRACT, BundleContract).contract
    today = {column.name: column for column in project.contract.columns}
    changed = [column.name for column in sealed.columns if today.get(column.name) not in (column, None)]
    gone = [column.name for column in sealed.features if column.name not in today]
    if changed or gone:
        names = ", ".join([*changed, *gone][:NAMED])
        yield Check("contract", "warning", f"changed since the bundle was made: {names}", "fullcycle run")
    else:
        yield Check("contract", "ok", "as the bundle has it")


def image(project: Project) -> Iterator[Check]:
    """The list of what the image installs, if there is one."""
    from fullcycle.automate.image import FOLDER, LIST

    path = project.root / FOLDER / LIST
    if not path.exists():
        return
    if path.read_text(encoding="utf-8") != files("fullcycle.data").joinpath(LIST).read_text(encoding="utf-8"):
        found = f"{FOLDER}/{LIST} is that of another fullcycle"
        yield Check("image", "warning", found, "fullcycle ci image, then build it again")
    else:
        yield Check("image", "ok", "installs what this fullcycle serves with")


def pipelines(project: Project) -> Iterator[Check]:
    """CI files: there, and what the settings imply."""
    there = list(_providers(project))
    if not there:
        cure = "fullcycle ci --provider github (or jenkins)"
        yield Check("ci files", "warning", "none: nobody checks a change or trains on main", cure)
    from fullcycle.automate.pipelines.files import check_pipelines

    for provider in there:
        try:
            check_pipelines(project, provider)
        except UserError as error:
            yield Check("ci files", "warning", error.found, f"fullcycle ci --provider {provider}")
        else:
            yield Check("ci files", "ok", f"of {provider}, as fullcycle.yaml implies")


def _providers(project: Project) -> Iterator[Provider]:
    from fullcycle.automate.pipelines.files import OURS
    from fullcycle.automate.pipelines.place import place_of

    repository = place_of(project).repository
    looked: dict[Provider, list[Path]] = {
        "github": sorted((repository / ".github/workflows").glob("*.y*ml")),
        "jenkins": [repository / "Jenkinsfile", project.root / "Jenkinsfile"],
    }
    for provider, paths in looked.items():
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file())
        if any(text.startswith(OURS[provider]) for text in texts):
            yield provider


def hooks(project: Project) -> Iterator[Check]:
    """git's hooks of DVC: with them, data follows `git checkout` and goes along with `git push`."""
    folder = git(project.root, "rev-parse", "--git-path", "hooks", check=False)
    if not folder:
        return
    lacking = [name for name in HOOKS if not _calls_dvc(project.root / folder / name)]
    if lacking:
        cure = f"cd {project.root} && dvc install"
        yield Check("hooks", "warning", f"git's {' and '.join(lacking)} leave data behind", cure)
    else:
        yield Check("hooks", "ok", "data follows git")


def _calls_dvc(path: Path) -> bool:
    return path.is_file() and "dvc" in path.read_text(encoding="utf-8", errors="replace")
