"""Running the stage graph under DVC, and what of it is stale."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.automate.graph import STAGES, needed_for, write_graph
from fullcycle.automate.repository import open_dvc
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_WRONG_INPUT, UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.lock import run_lock

if TYPE_CHECKING:
    from fullcycle.core.project.automation_settings import TrainingBudget
    from fullcycle.core.project.project import Project

INTERRUPTED = (130, -2)  # a shell's way to say SIGINT, and Python's
TOLD_FAILURE = re.compile(r"failed to run: (?:.* )?(?P<stage>\S+), exited with (?P<status>-?\d+)$")


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
    wanted = (stage,) if single and stage else STAGES if stage is None else needed_for(project, stage)
    skipped = tuple(name for name in wanted if name not in ran)
    return RunOutcome(ran=ran, skipped=skipped, seconds=time.monotonic() - started)


def graph_status(project: Project, budget: TrainingBudget | None = None) -> list[StageState]:
    """Each stage of the cycle: fresh, stale (and why), or never run; with a `budget`, as a run within it."""
    with _graph(project, budget), open_dvc(project) as repo:
        changed: Mapping[str, Any] = repo.status()
    states = {name: _state(name, changed.get(name, ())) for name in STAGES}
    return list(_with_what_follows(project, states))


@contextmanager
def _graph(project: Project, budget: TrainingBudget | None) -> Iterator[None]:
    """`dvc.yaml` as the settings imply it, within the budget as long as the block lasts."""
    write_graph(project, budget)
    try:
        yield
    finally:
        if budget is not None:
            write_graph(project)


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


def _reproduce(repo: Any, stage: str | None, *, single: bool, force: bool) -> tuple[str, ...]:
    from dvc.exceptions import DvcException
    from dvc.stage.exceptions import StageCmdFailedError

    targets = [stage or STAGES[-1]]  # which needs all others: DVC reads its files anew for each target
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
            other for other in needed_for(project, name) if other != name and states[other].state != "fresh"
        ]
        if state.state == "fresh" and behind:
            yield StageState(name, "stale", tuple(f"after {other}" for other in behind))
        else:
            yield state
