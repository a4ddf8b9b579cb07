"""An older project in today's forms: settings, contract, stage graph, ignored files, the schema for editors.

Every older form goes on being read, so nothing here is urgent: afterwards files say what the guides say. Each
step is a function from text to text, and touches the words that it is about and no other.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from fullcycle.automate.graph import graph_texts
from fullcycle.core.contract.yaml_file import contract_to_yaml, read_contract
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.project import Project
from fullcycle.core.project.scaffold import with_ignored
from fullcycle.core.project.settings_file import SCHEMA_FILE, read_settings, settings_schema

if TYPE_CHECKING:
    from fullcycle.core.project.settings import Settings


@dataclass(frozen=True)
class Change:
    """A file of the project as it is and as it would be; `why` names the forms that are older."""

    name: str
    before: str
    after: str
    why: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """As git shows it."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{self.name}",
            f"b/{self.name}",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def changes(project: Project) -> list[Change]:
    """What migrate would write; nothing is written. Raises UserError for files that can't be read at all."""
    return [each for each in _all_files(project) if each.before != each.after]


def migrate(project: Project) -> list[Change]:
    """Write them, each file whole."""
    found = changes(project)
    for each in found:
        write_text_atomically(project.root / each.name, each.after)
    return found


def _all_files(project: Project) -> Iterator[Change]:
    _ = project.settings  # settings that can't be read are told as always
    before = project.paths.settings.read_text(encoding="utf-8")
    after, why = before, []
    for reason, step in STEPS:
        if (text := step(after)) != after:
            after = text
            why.append(reason)
    yield Change("fullcycle.yaml", before, after, tuple(why))
    yield _contract(project)
    yield _graph(project, after)
    yield _file(project, ".gitignore", with_ignored)
    yield _file(project, SCHEMA_FILE, lambda _: settings_schema())


def _contract(project: Project) -> Change:
    """Columns in a list become columns by name; remarks in such a file are lost, as its diff shows."""
    before = project.paths.contract.read_text(encoding="utf-8") if project.paths.contract.exists() else ""
    plain = YAML(typ="safe").load(before) if before else None
    listed = isinstance(plain, dict) and isinstance(plain.get("columns"), list)
    after = contract_to_yaml(read_contract(project.paths.contract)) if listed else before
    return Change("contract.yaml", before, after, ("columns in a list",) if listed else ())


def _graph(project: Project, settings_text: str) -> Change:
    """`dvc.yaml` as it follows from the settings to be."""
    to_be = Project(project.root)
    vars(to_be)["settings"] = _settings_of(settings_text)
    before, after = graph_texts(to_be)
    return Change("dvc.yaml", before, after, ("stages of an older fullcycle",) if before != after else ())


def _settings_of(text: str) -> Settings:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fullcycle.yaml"
        path.write_text(text, encoding="utf-8")
        return read_settings(path)


def _file(project: Project, name: str, made: Callable[[str], str]) -> Change:
    path = project.root / name
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    return Change(name, before, made(before))


# steps of fullcycle.yaml: the older form, and the text without it


def _with_version(text: str) -> str:
    return text if "version" in _keys(text) else f"version: 1\n{text}"


def _without_blend(text: str) -> str:
    """`blend` became `ensemble`."""
    experiment = _keys(text).get("experiment")
    models = _value(experiment, "models") if experiment is not None else None
    words = [node for node in models.value if node.value == "blend"] if models is not None else []
    for node in reversed(words):
        text = text[: node.start_mark.index] + "ensemble" + text[node.end_mark.index :]
    return text


def _without_gates(text: str) -> str:
    """`gates` became `success`; where both stand, a person decides."""
    keys = _names(text)
    if "gates" not in keys or "success" in keys:
        return text
    mark = keys["gates"].start_mark.index
    return f"{text[:mark]}success{text[mark + len('gates') :]}"


def _names(text: str) -> dict[str, Any]:
    root: Any = YAML().compose(StringIO(text))
    return {name.value: name for name, _ in root.value} if root is not None else {}


def _keys(text: str) -> dict[str, Any]:
    root: Any = YAML().compose(StringIO(text))
    return {name.value: node for name, node in root.value} if root is not None else {}


def _value(section: Any, key: str) -> Any:
    pairs = section.value if section.id == "mapping" else []
    found = next((node for name, node in pairs if name.value == key), None)
    return found if found is not None and found.id == "sequence" else None


STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("no version", _with_version),
    ("experiment.models: blend is ensemble now", _without_blend),
    ("gates is success now", _without_gates),
)
