"""Suggested features in `fullcycle.yaml`: written, accepted, rejected. Nothing else reads them.

The file is edited in its text, so that a person's comments and layout stay; what comes out is read back
before it replaces anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.proposal_settings import SuggestedFeature
from fullcycle.core.project.settings import Settings
from fullcycle.core.project.settings_edit import rewrite_settings
from fullcycle.core.project.settings_file import read_settings
from fullcycle.core.project.settings_yaml import scalar
from fullcycle.core.project.yaml_edit import with_entries, without_entry, without_section

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

SUGGESTED, REJECTED, FEATURES = "suggested_features", "rejected_features", "features"
SUGGESTED_NOTE = "out-of-fold gains; used only after `fullcycle features accept NAME`"
REJECTED_NOTE = "never proposed again"


def write_suggestions(project: Project, suggested: Mapping[str, SuggestedFeature]) -> bool:
    """Put these in the place of the suggestions that stand there; True if the file changed."""
    if suggested == _settings(project).suggested_features:
        return False
    entries = {name: _lines(name, each) for name, each in suggested.items()}
    rewrite_settings(
        project,
        lambda text: with_entries(without_section(text, SUGGESTED), SUGGESTED, entries, note=SUGGESTED_NOTE),
        suggested_features=dict(suggested),
    )
    return True


def accept(project: Project, names: Sequence[str]) -> dict[str, str]:
    """Move suggestions below `features:`; what was moved, by name. UserError for a name that isn't there, and
    for an expression that can't be read: a column may have gone since it was suggested."""
    settings = _settings(project)
    moved = {name: _known(settings, name).expression for name in dict.fromkeys(names)}
    _check_free(settings, moved)
    _ = project.contract  # reads every expression
    lines = {name: [f"{scalar(name)}: {scalar(text)}"] for name, text in moved.items()}
    rewrite_settings(
        project,
        lambda text: with_entries(_without(text, moved), FEATURES, lines),
        suggested_features=_rest(settings, moved),
        features={**settings.features, **moved},
    )
    return moved


def reject(project: Project, names: Sequence[str]) -> dict[str, str]:
    """Take suggestions out and remember their expressions; what was refused, by name."""
    settings = _settings(project)
    refused = {name: _known(settings, name).expression for name in dict.fromkeys(names)}
    new = _remembered(settings, refused)
    lines = {name: [f"{scalar(name)}: {scalar(text)}"] for name, text in new.items()}
    rewrite_settings(
        project,
        lambda text: with_entries(_without(text, refused), REJECTED, lines, note=REJECTED_NOTE),
        suggested_features=_rest(settings, refused),
        rejected_features={**settings.rejected_features, **new},
    )
    return refused


def _remembered(settings: Settings, refused: Mapping[str, str]) -> dict[str, str]:
    """What isn't remembered yet; a name that stands there for another expression gets a sign more."""
    new: dict[str, str] = {}
    for name, text in refused.items():
        if text in settings.rejected_features.values():
            continue
        free = name
        while free in settings.rejected_features:
            free += "_"
        new[free] = text
    return new


def _settings(project: Project) -> Settings:
    """As the file is now: the project read it when it was opened."""
    return read_settings(project.paths.settings)


def _known(settings: Settings, name: str) -> SuggestedFeature:
    known = settings.suggested_features
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    raise UserError(
        where="fullcycle.yaml, suggested_features",
        found=f"no suggestion {name!r}",
        expected="one of " + ", ".join(known) if known else "a suggestion, and there is none",
        hint=f"did you mean `{near[0]}`?" if near else "`fullcycle features propose` looks for features",
    )


def _check_free(settings: Settings, moved: Mapping[str, str]) -> None:
    for name in moved:
        if name in settings.features:
            raise UserError(
                where=f"fullcycle.yaml, key features.{name}",
                found=f"{name!r}, the name of a suggestion too",
                expected="a name of its own",
                hint=f"rename the suggestion in fullcycle.yaml, or `fullcycle features reject {name}`",
            )


def _rest(settings: Settings, gone: Mapping[str, str]) -> dict[str, SuggestedFeature]:
    return {name: each for name, each in settings.suggested_features.items() if name not in gone}


def _without(text: str, names: Mapping[str, str]) -> str:
    for name in names:
        text = without_entry(text, SUGGESTED, name)
    return text


def _lines(name: str, suggested: SuggestedFeature) -> list[str]:
    fields = suggested.model_dump()
    return [f"{scalar(name)}:", *(f"  {key}: {scalar(value)}" for key, value in fields.items())]
