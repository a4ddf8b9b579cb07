"""What a course costs: 200 projects, each the demo with a history of its own, assessed side by side.

The floor is one reading of everything by one process without limits or checks of folders.
`python -m benchmarks.course` prints it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.process import cost

PROJECTS = 200
SECONDS_AT_MOST = 60
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")


def figures(folder: Path) -> Iterator[Figure]:
    """Seconds by the clock and of CPU for all of them."""
    demo = folder / "demo"
    if not demo.exists():
        seconds(FULLCYCLE, "demo", str(demo))
    course = folder / "course"
    for number in range(PROJECTS):
        variant(demo, course / f"learner{number:03}", number)
    (course / "course.yaml").write_text(course_file(), encoding="utf-8")
    command = (FULLCYCLE, "assess", "course", "--file", str(course / "course.yaml"), "--json")
    found = cost(command)
    yield Figure(f"assess course, {PROJECTS} projects", found.seconds, SECONDS_AT_MOST, "s")
    floor = read_once(course)
    yield Figure(
        f"assess course, {PROJECTS} projects, CPU",
        found.cpu_seconds,
        2 * SECONDS_AT_MOST,
        "s",
        floor=floor,
        floor_name="one reading",
    )


def variant(demo: Path, target: Path, number: int) -> None:
    """The demo as a learner handed it in: a commit of its own, and one stage fewer for every seventh."""
    left_out = ("mlruns", "mlflow.db", "cache", "tmp", "reports", "model", ".git")
    shutil.copytree(demo, target, symlinks=True, ignore=shutil.ignore_patterns(*left_out))
    if number % 7 == 0:
        (target / "evidence/verify.json").unlink()
    (target / "1.md").write_text(f"Essay {number}\n", encoding="utf-8")
    (target / "README.md").write_text(
        f"What learner {number} made, and who answers for it.\n", encoding="utf-8"
    )
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", f"work {number}")):
        subprocess.run([*GIT, *command], cwd=target, check=True, capture_output=True)


def course_file() -> str:
    """All of them."""
    names = [f"learner{number:03}" for number in range(PROJECTS)]
    return "learners:\n" + "\n".join(
        f"  - {{id: {name}, name: {name}, projects: [{name}], homework: {name}}}" for name in names
    )


def read_once(course: Path) -> float:
    """CPU seconds of reading evidence and repository, and nothing else."""
    from fullcycle.people.assess.assess import measure
    from fullcycle.people.assess.repository import read_repository
    from fullcycle.people.report.records import read_records

    started = time.process_time()
    for folder in sorted(course.glob("learner*")):
        measure(read_records(folder / "evidence"), read_repository(folder))
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(show(figures))
