"""Writing what a provider reads, and whether what lies there is what the settings imply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.automate.installed import pins, plugins, requirement
from fullcycle.automate.pipelines import github, jenkins
from fullcycle.automate.pipelines.jobs import Pipeline, Provider, pipelines
from fullcycle.automate.pipelines.place import HEADER, REQUIREMENTS, Place, place_of
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.files import write_text_atomically

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import Settings

Renderer = Callable[[tuple[Pipeline, ...], Place], dict[str, str]]
RENDERERS: dict[Provider, Renderer] = {"github": github.workflows, "jenkins": jenkins.jenkinsfile}
OURS = {"github": "# Written by `fullcycle ci", "jenkins": "// Written by `fullcycle ci"}
CONSTRAINTS = "ci/constraints.txt"
EXTRAS_BY_SOURCE = {
    "s3": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "az": "azure",
    "abfs": "azure",
    "kaggle": "kaggle",
    "uci": "uci",
    "postgres": "postgres",
    "postgresql": "postgres",
}


@dataclass(frozen=True)
class Written:
    """Files that were written, and earlier ones of ours that the settings no longer imply and that went."""

    files: tuple[Path, ...]
    removed: tuple[Path, ...]


def implied(project: Project, provider: Provider) -> dict[Path, str]:
    """What the settings imply for a provider: text by absolute path."""
    place = place_of(project)
    told = RENDERERS[provider](pipelines(project, provider), place)
    return {place.repository / name: text for name, text in told.items()}


def write_pipelines(project: Project, provider: Provider, *, force: bool = False) -> Written:
    """Write the provider's files, and `ci/` with what its machines install.

    Raises UserError where a file that fullcycle did not write stands in the way, unless `force`.
    """
    wanted = implied(project, provider)
    if not force:
        for path in wanted:
            _refuse_another(path, provider)
    removed = tuple(_left_over(project, provider, set(wanted)))
    for path in removed:
        path.unlink()
    for path, text in wanted.items():
        write_text_atomically(path, text)
    return Written((*wanted, *_write_requirements(project)), removed)


def check_pipelines(project: Project, provider: Provider) -> None:
    """CheckFailed that names each file that is missing, differs, or is no longer implied."""
    wanted = implied(project, provider)
    place = place_of(project)
    wrong = [
        f"{path.relative_to(place.repository)} {'differs' if path.exists() else 'is missing'}"
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    left = _left_over(project, provider, set(wanted))
    wrong += [f"{path.relative_to(place.repository)} is no longer implied" for path in left]
    if not (project.root / REQUIREMENTS).exists():
        wrong.append(f"{REQUIREMENTS} is missing")
    if wrong:
        raise CheckFailed(
            where=f"files of {provider}",
            found="; ".join(wrong),
            expected="what fullcycle.yaml implies",
            hint=f"`fullcycle ci --provider {provider}` writes them; commit them with the settings",
        )


def _refuse_another(path: Path, provider: Provider) -> None:
    if not path.exists() or path.read_text(encoding="utf-8").startswith(OURS[provider]):
        return
    raise UserError(
        where=str(path),
        found="a file that fullcycle did not write",
        expected=f"none, or one of `fullcycle ci --provider {provider}`",
        hint="keep it under another name, or `--force`",
    )


def _left_over(project: Project, provider: Provider, wanted: set[Path]) -> list[Path]:
    """Workflows of this project that an earlier form of its settings implied."""
    if provider != "github":
        return []
    place = place_of(project)
    ours = HEADER.format(provider=provider)
    there = (place.repository / ".github/workflows").glob(f"{place.slug}-*.yml")
    kinds = {f"{place.slug}-{kind}.yml" for kind in ("pull-request", "train", "score", "rollback")}
    return [
        path
        for path in sorted(there)
        if path not in wanted and path.name in kinds and path.read_text(encoding="utf-8").startswith(ours)
    ]


def _write_requirements(project: Project) -> tuple[Path, ...]:
    """What machines of CI install: fullcycle, with every library in the version that is installed here."""
    folder = project.root / "ci"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("fullcycle-*.whl"):
        old.unlink()
    told, extras = requirement(folder), extras_of(project.settings)
    named = f"[{','.join(extras)}]" if extras else ""
    if told.startswith("./"):
        told = f"./ci/{told[2:]}{named}"
    elif told.startswith("fullcycle=="):
        told = told.replace("fullcycle", f"fullcycle{named}", 1)
    write_text_atomically(
        project.root / REQUIREMENTS, "\n".join(["-c constraints.txt", told, *plugins()]) + "\n"
    )
    write_text_atomically(project.root / CONSTRAINTS, "\n".join(pins(extras)) + "\n")
    return tuple(sorted(folder.iterdir()))


def extras_of(settings: Settings) -> tuple[str, ...]:
    """The optional parts of fullcycle that these settings use."""
    data = settings.data
    sources = [data.source, *(join.source for join in data.joins), settings.use.batch.source or ""]
    sources += [lookup.source for lookup in settings.lookups.values()]
    found = {EXTRAS_BY_SOURCE.get(source.partition(":")[0], "") for source in sources}
    found |= {name for name in ("xgboost", "catboost") if name in settings.experiment.models}
    found |= {"dask"} if settings.experiment.engine == "dask" else set()
    found |= {"wandb"} if settings.tracking.uri.startswith("wandb:") else set()
    return tuple(sorted(found - {""}))
