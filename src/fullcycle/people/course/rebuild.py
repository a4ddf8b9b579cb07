"""`--rebuild`: a copy of each project is made again by `fullcycle run`, and what that shows is what counts.

This runs what learners wrote (models of their own, stages of their own), under limits and apart, but as this
user: a teacher who doesn't trust them does it in a container. Evidence that was handed in goes first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from fullcycle.core.project.paths import Paths
from fullcycle.people.course.clone import clone, git_environment
from fullcycle.people.course.course_file import Course, Learner, Place, RebuildLimits, protocol_of
from fullcycle.people.course.folder import NOT_READ, find_project
from fullcycle.people.course.look import Request
from fullcycle.people.course.readers import Reader
from fullcycle.people.course.seen import LearnerSeen, Problem, ProjectSeen, Refused
from fullcycle.people.course.supervise import Outcome

STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")
BESIDE = ("hypotheses", "proposals")  # evidence that stages write beside their own
SAID_AT_MOST = 200  # characters of a program's last line
MADE = "data/raw.parquet", "data/train.parquet", "data/test.parquet", "data/oof.parquet"
Told = Callable[[str], None]


def rebuild_all(place: Place, seen: list[LearnerSeen], told: Told = lambda _: None) -> list[LearnerSeen]:
    """Every project that could be read, one after another: each may use the whole machine."""
    rebuilt = []
    for learner, each in zip(place.course.learners, seen, strict=True):
        projects = tuple(_rebuilt(place, learner, project, told) for project in each.projects)
        rebuilt.append(each.model_copy(update={"projects": projects}))
    return rebuilt


def _rebuilt(place: Place, learner: Learner, project: ProjectSeen, told: Told) -> ProjectSeen:
    if project.assessed is None:
        return project
    told(f"{learner.id}: {project.address}")
    with tempfile.TemporaryDirectory(prefix="fullcycle-rebuild-") as scratch:
        try:
            again = _copy(project.address, place, Path(scratch))
            _make_again(again, place.course.rebuild, Path(scratch))
            now = _read_again(place.course, learner, again)
        except Refused as refused:
            return project.model_copy(update={"assessed": None, "shown": {}, "problem": refused.problem})
    claimed = project.assessed.points
    return now.model_copy(
        update={"address": project.address, "handed_in": project.handed_in, "claimed": claimed}
    )


def _copy(address: str, place: Place, scratch: Path) -> Path:
    """The project inside a copy of everything that was handed in with it, without what a run makes."""
    target = scratch / "work"
    if protocol_of(address) is None:
        leave_out = shutil.ignore_patterns(*(NOT_READ - {".dvc"}))
        shutil.copytree(place.folder / address, target, symlinks=True, ignore=leave_out)
        root = target
    else:
        root = clone(address, target, place.course.clone)
    project = find_project(root)
    if project is None:
        raise Refused(Problem(code="no_project", about=address))
    _take_away_results(project)
    return project


def _take_away_results(project: Path) -> None:
    """Or DVC would find nothing to do, and call what was handed in its result."""
    paths = Paths(project)
    made = [paths.evidence / f"{stage}.json" for stage in (*STAGES, *BESIDE)] + [
        project / name for name in MADE
    ]
    for path in made:
        path.unlink(missing_ok=True)
    for folder in (paths.build, paths.bundle, paths.model, project / ".dvc/cache", project / ".dvc/tmp"):
        shutil.rmtree(folder, ignore_errors=True)


def _make_again(project: Path, limits: RebuildLimits, scratch: Path) -> None:
    outcome, said = run_limited(
        [sys.executable, "-m", "fullcycle.cli.main", "-C", str(project), "run"], limits, scratch
    )
    if outcome.ended == "by_time":
        raise Refused(Problem(code="rebuild_slow", about=f"{limits.time_s:g} s"))
    # A gate that fails ends it with 1 and is a result, too: what counts is whether every stage has spoken.
    silent = [stage for stage in STAGES if not (project / "evidence" / f"{stage}.json").is_file()]
    if silent:
        raise Refused(Problem(code="rebuild_failed", about=silent[0], said=said))


def run_limited(command: list[str], limits: RebuildLimits, scratch: Path) -> tuple[Outcome, str]:
    """A command with a home of its own and no secrets of ours; its outcome and the last line that it said."""
    for name in ("home", "tmp"):
        (scratch / name).mkdir()
    told, outcome = scratch / "output.txt", scratch / "outcome.json"
    module = "fullcycle.people.course.supervise"
    supervised = [sys.executable, "-m", module, limits.model_dump_json(), str(outcome), *command]
    with told.open("wb") as output:
        subprocess.run(
            supervised,
            cwd=scratch,
            env=_environment(scratch),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    lines = told.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = lines[-1][:SAID_AT_MOST] if lines else ""
    if not outcome.is_file():  # what ran ended who watched it
        raise Refused(Problem(code="rebuild_failed", about="fullcycle run", said=said))
    return Outcome.model_validate_json(outcome.read_text(encoding="utf-8")), said


def _environment(scratch: Path) -> dict[str, str]:
    own = {"HOME": str(scratch / "home"), "TMPDIR": str(scratch / "tmp")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**git_environment(scratch), **own, "PATH": path}


def _read_again(course: Course, learner: Learner, project: Path) -> ProjectSeen:
    reader = Reader(project.parent)
    try:
        asked = learner.model_copy(update={"projects": (str(project),), "homework": None, "quiz": None})
        return reader.ask(Request(learner=asked, clone=course.clone)).projects[0]
    finally:
        reader.end()
