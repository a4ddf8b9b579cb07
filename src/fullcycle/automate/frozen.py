"""`fullcycle run --frozen`: make again what was recorded, or say by name what stands in the way.

Recorded is what git holds after a run: `dvc.lock` (hashes of inputs, values of settings), the packages,
threads and hardware of `evidence/environment.json`, and the verdict with the bundle's version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from fullcycle.automate.graph import graph_texts
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.dvc_lock import inputs_of, md5_of, settings_of
from fullcycle.core.project.environment import TOLD_ONLY, environment, recorded_environment
from fullcycle.core.project.git import git
from fullcycle.core.project.lineage import MADE_BY_RUNS

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

ABSENT = "none"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was recorded, and what to type. `decides` is false for what may differ by
    promise 5: another processor of the same architecture."""

    name: str
    found: str
    expected: str
    cure: str
    decides: bool = True

    def __str__(self) -> str:
        return f"{self.name}: found {self.found}, recorded {self.expected}"


def differences(project: Project) -> list[Difference]:
    """Everything that differs from the recorded run; UserError where none was recorded."""
    if not (project.root / "dvc.lock").exists():
        raise UserError(
            where="dvc.lock",
            found="no such file, so there is no run to be repeated",
            expected="what a run writes down",
            hint="`fullcycle run`, then commit dvc.lock and evidence/",
        )
    recorded = recorded_environment(project)
    return [
        *_of_environment(environment(project.settings.experiment.models), recorded),
        *_of_graph(project),
        *_of_inputs(project),
        *_of_commit(project),
    ]


def refuse_differences(found: Sequence[Difference]) -> None:
    """CheckFailed that names each of those that decide, if there are any."""
    deciding = [each for each in found if each.decides]
    if not deciding:
        return
    count = f"{len(deciding)} difference{'' if len(deciding) == 1 else 's'}"
    raise CheckFailed(
        where="fullcycle run --frozen",
        found="\n  ".join([f"{count} from the recorded run", *map(str, deciding)]),
        expected="what dvc.lock and evidence/environment.json recorded",
        hint="; ".join(dict.fromkeys(_cures(deciding))),
    )


def recorded_bundle(project: Project) -> str | None:
    """The version that the recorded verdict names."""
    try:
        plain = json.loads((project.paths.evidence / "verify.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return plain.get("bundle") if isinstance(plain, dict) else None


def refuse_other_bundle(expected: str | None, found: str | None) -> None:
    """CheckFailed where the run made another bundle than the recorded one."""
    if expected is None or expected == found:
        return
    raise CheckFailed(
        where="fullcycle run --frozen",
        found=f"bundle {found}",
        expected=f"bundle {expected}, which was recorded",
        hint="`git diff evidence/` shows what came out otherwise; "
        "`git checkout evidence dvc.lock` takes it back",
    )


def _cures(found: Sequence[Difference]) -> Iterator[str]:
    wanted = [each.cure for each in found if "==" in each.cure]
    if wanted:
        yield f"`pip install {' '.join(wanted)}`"
    yield from (each.cure for each in found if "==" not in each.cure)
    yield "`fullcycle run` without --frozen goes on with what is here, and records it"


def _of_environment(found: Mapping[str, str], recorded: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*recorded, *found)):
        now, then = found.get(name, ABSENT), recorded.get(name, ABSENT)
        if now != then:
            yield Difference(name, now, then, _cure(name, then), decides=name not in TOLD_ONLY)


def _cure(name: str, then: str) -> str:
    if name.startswith("threads."):
        variable = name.removeprefix("threads.")
        return f"`unset {variable}`" if then == ABSENT else f"`export {variable}={then}`"
    if name.startswith("hardware."):
        return f"run it on {then}"
    if name == "python":
        return f"`uv venv --python {then}`"
    return f"`pip uninstall {name}`" if then == ABSENT else f"{name}=={then}"


def _of_graph(project: Project) -> Iterator[Difference]:
    before, after = graph_texts(project)
    if before != after:
        yield Difference("dvc.yaml", "other stages", "those of this fullcycle", "`fullcycle migrate`")


def _of_inputs(project: Project) -> Iterator[Difference]:
    """Settings and files that no stage makes; what stages make is made again."""
    yield from differing_settings(project)
    for needed in inputs_of((project.root / "dvc.lock").read_bytes()):
        path, then = project.root / needed["path"], str(needed.get("md5"))
        if not path.exists():
            yield Difference(needed["path"], "no such file", f"md5 {then}", f"bring back {needed['path']}")
        elif path.is_file() and (now_md5 := md5_of(path)) != then:
            yield Difference(needed["path"], f"md5 {now_md5}", then, f"bring back {needed['path']}")


def differing_settings(project: Project) -> Iterator[Difference]:
    """Keys whose value in the file is not the one that `dvc.lock` says stages ran with."""
    lock = (project.root / "dvc.lock").read_bytes()
    for file, recorded in settings_of(lock).items():
        path = project.root / file
        now = YAML(typ="safe").load(path.read_text(encoding="utf-8")) if path.exists() else {}
        found = {section: now.get(section) for section in recorded}
        for key, value, then in _differing((), found, recorded):
            yield Difference(f"{file}, key {'.'.join(key)}", value, then, f"`git checkout {file}`")


def _differing(key: tuple[str, ...], found: Any, recorded: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if isinstance(found, dict) and isinstance(recorded, dict):
        for name in dict.fromkeys((*recorded, *found)):
            yield from _differing((*key, str(name)), found.get(name), recorded.get(name))
    elif found != recorded:
        yield key, _told(found), _told(recorded)


def _told(value: Any) -> str:
    return ABSENT if value is None else str(value)


def _of_commit(project: Project) -> Iterator[Difference]:
    """Code and settings that no commit holds."""
    without = [f":(exclude){name}" for name in MADE_BY_RUNS]
    told = git(
        project.root, "status", "--porcelain", "--untracked-files=no", "--", ".", *without, check=False
    )
    for line in told.splitlines():
        name = line.strip().split(" ", 1)[1].strip()
        yield Difference(name, "a change that is not committed", "the commit's", f"`git diff {name}`")
