"""The stage graph under DVC: what depends on what, running it, and what is stale.

Every output is `persist: true`, because DVC deletes outputs before a stage starts (DECISIONS 1); evidence and
bundle stay in git (`cache: false`), tables and models go to DVC's cache.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_WRONG_INPUT, UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.lock import PARENT_VARIABLE, run_lock
from fullcycle.core.sources.kinds import local_files

if TYPE_CHECKING:
    from fullcycle.core.project.automation_settings import TrainingBudget
    from fullcycle.core.project.project import Project

STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")
OFFLINE = {
    # Promise 9: nothing of a run needs the network; DECISIONS 29: no telemetry from our own processes.
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
}
FEATURES = ("features", "lookups")  # part of the contract of every stage but collect
PLOT = {
    "x": "predicted",
    "y": "observed",
    "template": "scatter",
    "title": "Predicted and observed on the test set",
}
INTERRUPTED = (130, -2)  # a shell's way to say SIGINT, and Python's
TOLD_FAILURE = re.compile(r"failed to run: (?:.* )?(?P<stage>\S+), exited with (?P<status>-?\d+)$")


@dataclass(frozen=True)
class Node:
    """One stage: what it reads, which settings it obeys, what it writes."""

    name: str
    reads: tuple[str, ...]
    settings: tuple[str, ...]
    cached: tuple[str, ...] = ()  # outputs in DVC's cache
    kept: tuple[str, ...] = ()  # outputs in git
    metrics: tuple[str, ...] = ()  # flat numbers in git, for `dvc metrics diff`
    plots: tuple[str, ...] = ()  # points in git, for `dvc plots diff`
    options: str = ""  # of its command

    @property
    def writes(self) -> tuple[str, ...]:
        """All outputs."""
        return (*self.cached, *self.kept, *self.metrics, *self.plots)


@dataclass(frozen=True)
class RunOutcome:
    """Which stages did work, which had nothing to do, and how long all of it took."""

    ran: tuple[str, ...]
    skipped: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class StageState:
    """Where one stage stands; `reasons` name the files or settings that changed."""

    stage: str
    state: Literal["fresh", "stale", "missing"]
    reasons: tuple[str, ...] = ()


class StageFailed(UserError):
    """A stage ended with an error that it has already told; its exit code is ours."""

    def __init__(self, stage: str, exit_code: int) -> None:
        super().__init__(
            where=f"stage {stage}",
            found="the error above",
            hint="mend it, then `fullcycle run` goes on from here; what was there before is whole",
        )
        self.exit_code = exit_code


def nodes(project: Project) -> tuple[Node, ...]:
    """The six stages of a project, in order."""
    settings = project.settings
    test_file = (settings.split.test,) if settings.split.test else ()
    lookups = _local(project, [lookup.source for lookup in settings.lookups.values()])
    proposing = settings.experiment.propose_features
    return (
        Node(
            "collect",
            reads=(*_sources(project), "contract.yaml"),
            settings=("data",),
            cached=("data/raw.parquet",),
            kept=("evidence/collect.json",),
        ),
        Node(
            "clean",
            reads=("data/raw.parquet", "contract.yaml", *test_file),
            settings=("seed", "data", "split", "clean", *FEATURES),
            cached=("data/train.parquet", "data/test.parquet"),
            kept=("evidence/clean.json",),
        ),
        Node(
            "explore",
            reads=("data/train.parquet", "contract.yaml"),
            settings=("seed", "explore", *FEATURES),
            kept=("evidence/explore.json",),
        ),
        Node(
            "experiment",
            reads=(
                "data/train.parquet",
                "contract.yaml",
                "evidence/clean.json",
                "experiment.lock.json",
                *(("evidence/explore.json",) if proposing else ()),  # suspects of a leak are no features
                *lookups,
            ),
            settings=(
                *("seed", "experiment", "tracking", "value"),
                *(("proposals",) if proposing else ()),
                *FEATURES,
            ),
            cached=("data/oof.parquet",),
            kept=("evidence/experiment.json",),
        ),
        Node(
            "prepare",
            reads=(
                "data/train.parquet",
                "data/oof.parquet",
                "contract.yaml",
                "evidence/clean.json",
                "evidence/experiment.json",
                *lookups,
            ),
            settings=("seed", "prepare", "value", *FEATURES),
            cached=("build", "model"),
            kept=("evidence/prepare.json",),
        ),
        Node(
            "verify",
            reads=(
                "data/train.parquet",
                "data/test.parquet",
                "build",
                "model",
                "contract.yaml",
                *(
                    f"evidence/{name}.json"
                    for name in ("collect", "clean", "explore", "experiment", "prepare")
                ),
                *lookups,
                *_judged_by(project),
            ),
            settings=("seed", "verify", "gates", "success", "value", *FEATURES),
            cached=("bundle",),
            kept=("evidence/verify.json",),
            metrics=("evidence/metrics.json",),
            plots=("evidence/observed.json",),
        ),
    )


def _judged_by(project: Project) -> Iterator[str]:
    """What verify compares with, beside the model: tests of behaviour and the bundle in production."""
    settings = project.settings.verify
    champion = None if settings.champion is None else f"{settings.champion}/MANIFEST.json"
    for path in (settings.behaviour, champion):
        if path is not None and (project.root / path).exists():
            yield path


def _sources(project: Project) -> tuple[str, ...]:
    """Local files that a snapshot is made of. What lies elsewhere is fetched again by `fullcycle collect`."""
    data = project.settings.data
    named = [data.source, *(join.source for join in data.joins), *([data.labels] if data.labels else [])]
    return _local(project, named)


def _local(project: Project, sources: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for name in sources for path in local_files(name, project.root)))


def write_graph(project: Project, budget: TrainingBudget | None = None) -> bool:
    """Bring `dvc.yaml` in line with the settings; stages of a person's own stay. True if it changed.

    A `budget` stands in the command of its stage: `dvc.lock` then says that it was less than a whole search,
    and the next run without one does it again.
    """
    before, after = graph_texts(project, budget)
    if after != before:
        write_text_atomically(project.paths.graph, after)
    if not project.paths.search_lock.exists():
        write_text_atomically(project.paths.search_lock, "{}\n")
    return after != before


def graph_texts(project: Project, budget: TrainingBudget | None = None) -> tuple[str, str]:
    """`dvc.yaml` as it is (empty where there is none) and as it should be; equal where nothing is to do."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 110
    path = project.paths.graph
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    document = _load(yaml, before or "stages: {}\n")
    present = project.settings.model_fields_set  # DVC refuses a parameter that the file lacks
    wanted = {node.name: _stage(node, present) for node in _within(budget, nodes(project))}
    if before and all(document["stages"].get(name) == stage for name, stage in wanted.items()):
        return before, before
    document["stages"].update(wanted)
    text = StringIO()
    yaml.dump(document, text)
    return before, text.getvalue()


def run_graph(
    project: Project,
    stage: str | None = None,
    *,
    single: bool = False,
    force: bool = False,
    budget: TrainingBudget | None = None,
) -> RunOutcome:
    """Run what changed, up to `stage` (with `single`: that stage alone, whether it changed or not).

    A `budget` bounds the search, if there is one to do.
    Raises StageFailed with the exit code of a stage that ended with an error, KeyboardInterrupt after Ctrl-C.
    """
    started = time.monotonic()
    with run_lock(project.paths), _graph(project, budget), open_dvc(project) as repo:
        _mend_rwlock(repo)
        ran = _reproduce(repo, stage, single=single, force=force or single)
    wanted = (stage,) if single and stage else STAGES if stage is None else _needed_for(project, stage)
    skipped = tuple(name for name in wanted if name not in ran)
    return RunOutcome(ran=ran, skipped=skipped, seconds=time.monotonic() - started)


@contextmanager
def _graph(project: Project, budget: TrainingBudget | None) -> Iterator[None]:
    """`dvc.yaml` as the settings imply it, within the budget as long as the block lasts."""
    write_graph(project, budget)
    try:
        yield
    finally:
        if budget is not None:
            write_graph(project)


@contextmanager
def open_dvc(project: Project) -> Iterator[Any]:
    """The project's DVC repository, as stages see it; what it lets out becomes a UserError."""
    with _environment(project), _told_by_us():
        repo = _open_repo(project.root)
        try:
            yield repo
        finally:
            repo.close()


def graph_status(project: Project, budget: TrainingBudget | None = None) -> list[StageState]:
    """Each stage of the cycle: fresh, stale (and why), or never run; with a `budget`, as a run within it."""
    with _graph(project, budget), open_dvc(project) as repo:
        changed: Mapping[str, Any] = repo.status()
    states = {name: _state(name, changed.get(name, ())) for name in STAGES}
    return list(_with_what_follows(project, states))


def _within(budget: TrainingBudget | None, all_nodes: Iterable[Node]) -> Iterator[Node]:
    for node in all_nodes:
        if budget is not None and node.name == "experiment":
            yield replace(node, options=f" --trials {budget.trials} --seconds {budget.time_budget_s:g}")
        else:
            yield node


def _load(yaml: Any, text: str) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        document = yaml.load(text)
    except YAMLError as error:
        raise UserError(
            where="dvc.yaml", found=str(error), hint="mend it, or delete it: `fullcycle run` writes it"
        ) from error
    if not isinstance(document, dict):
        document = yaml.load("stages: {}\n")
    if not isinstance(document.get("stages"), dict):
        document["stages"] = {}
    return document


def _stage(node: Node, present: Collection[str]) -> dict[str, Any]:
    stage: dict[str, Any] = {"cmd": f"fullcycle {node.name}{node.options}", "deps": sorted(node.reads)}
    parameters = [section for section in node.settings if section in present]
    if parameters:
        stage["params"] = [{"fullcycle.yaml": parameters}]
    outs: list[Any] = [{path: {"persist": True}} for path in node.cached]
    outs += [{path: {"cache": False, "persist": True}} for path in node.kept]
    if outs:
        stage["outs"] = outs
    if node.metrics:
        stage["metrics"] = [{path: {"cache": False, "persist": True}} for path in node.metrics]
    if node.plots:
        stage["plots"] = [{path: {"cache": False, "persist": True, **PLOT}} for path in node.plots]
    return stage


@contextmanager
def _environment(project: Project) -> Iterator[None]:
    """What a stage's process needs: this installation first on the path, who to end with, no telemetry.

    And the project's folder to work in: DVC names stages by the current folder; from elsewhere each looks
    fresh.
    """
    settings = {
        **OFFLINE,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        PARENT_VARIABLE: str(os.getpid()),
        "SHELL": "/bin/sh",  # a person's own shell may read start-up files that change the environment
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with chdir(project.root):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _told_by_us() -> Iterator[None]:
    """What DVC lets out, as an error that a person can read: its own, and those of the databases it keeps."""
    import sqlite3

    from dvc.exceptions import DvcException

    try:
        yield
    except DvcException as error:
        raise UserError(
            where="dvc",
            found=_whole_story(error),
            hint="mend what it names; `git checkout` brings back dvc.yaml and dvc.lock",
        ) from error
    except sqlite3.Error as error:
        raise UserError(
            where="dvc",
            found=f"a database that it keeps beside its cache and can't read or write ({error})",
            expected="room on the disk, and no other hand on it",
            hint="free some space, then run the same command again; `fullcycle doctor` looks at the disk",
        ) from error


def _mend_rwlock(repo: Any) -> None:
    """Empty DVC's table of read and write locks where a killed process left it half written.

    DVC writes it in place and refuses all work over a torn one. We hold the run lock, and take the guard
    under which DVC edits it, so nobody is at work on it.
    """
    from dvc.lock import make_lock
    from dvc.rwlock import RWLOCK_FILE, RWLOCK_LOCK

    folder = Path(repo.tmp_dir)
    table = folder / RWLOCK_FILE
    with make_lock(str(folder / RWLOCK_LOCK), tmp_dir=str(folder)):
        try:
            json.loads(table.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except ValueError:
            write_text_atomically(table, "{}")


def _open_repo(root: Path) -> Any:
    import logging

    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        return Repo(str(root))
    except DvcException as error:
        raise UserError(
            where=str(root),
            found=f"a folder that DVC can't open ({error})",
            hint="`git init && dvc init` makes it one",
        ) from error


def _reproduce(repo: Any, stage: str | None, *, single: bool, force: bool) -> tuple[str, ...]:
    from dvc.exceptions import DvcException
    from dvc.stage.exceptions import StageCmdFailedError

    targets = [stage] if stage else list(STAGES)
    try:
        done = repo.reproduce(targets=targets, single_item=single, force=force)
    except DvcException as error:
        failure = _cause(error, StageCmdFailedError)
        if failure is None:
            raise
        raise _as_told(failure) from error
    return tuple(item.name for item in done)


def _as_told(failure: BaseException) -> BaseException:
    """What DVC says of a command that failed: it keeps stage and exit code in its message alone."""
    told = TOLD_FAILURE.search(str(failure))
    if told is None:
        return failure
    status = int(told["status"])
    if status in INTERRUPTED:
        return KeyboardInterrupt()
    return StageFailed(
        told["stage"], status if status in (EXIT_CHECK_FAILED, EXIT_WRONG_INPUT) else EXIT_CHECK_FAILED
    )


def _cause(error: BaseException | None, kind: type[BaseException]) -> Any:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__
    return error


def _whole_story(error: BaseException | None) -> str:
    """What each error of a chain adds: the outer one names the file, the inner one the place in it."""
    told: list[str] = []
    while error is not None:
        if str(error) and not any(str(error) in text for text in told):
            told.append(str(error))
        error = error.__cause__ or error.__context__
    return "; ".join(told)


def _needed_for(project: Project, stage: str) -> tuple[str, ...]:
    """The stage and everything it depends on, in order (DECISIONS 10)."""
    maker = {output: node.name for node in nodes(project) for output in node.writes}
    reads = {node.name: node.reads for node in nodes(project)}
    needed, waiting = set(), [stage]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += [maker[path] for path in reads[name] if path in maker and maker[path] not in needed]
    return tuple(name for name in STAGES if name in needed)


def _state(stage: str, changes: Sequence[Any]) -> StageState:
    reasons = tuple(_reasons(changes))
    if not reasons:
        return StageState(stage, "fresh")
    never_ran = any(reason.startswith("new ") for reason in reasons)
    return StageState(stage, "missing" if never_ran else "stale", reasons)


def _reasons(changes: Sequence[Any]) -> Iterator[str]:
    for change in changes:
        if not isinstance(change, dict):
            yield str(change)
            continue
        for paths in change.values():
            for path, how in paths.items():
                yield f"{', '.join(how)} in {path} changed" if isinstance(how, dict) else f"{how} {path}"


def _with_what_follows(project: Project, states: dict[str, StageState]) -> Iterator[StageState]:
    """A stage whose forerunner is stale is stale too."""
    for name in STAGES:
        state = states[name]
        behind = [
            other for other in _needed_for(project, name) if other != name and states[other].state != "fresh"
        ]
        if state.state == "fresh" and behind:
            yield StageState(name, "stale", tuple(f"after {other}" for other in behind))
        else:
            yield state
