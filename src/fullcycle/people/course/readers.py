"""Many learners read by a few processes; one that dies or hangs costs its learner's answer and no other."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fullcycle.people.course.clone import git_environment
from fullcycle.people.course.course_file import Course, Learner, Place, protocol_of
from fullcycle.people.course.look import Request
from fullcycle.people.course.seen import (
    HomeworkSeen,
    LearnerSeen,
    Problem,
    ProblemCode,
    ProjectSeen,
    QuizSeen,
)
from fullcycle.people.course.tasks import SETS

A_READER_FOR = 8  # learners: a process takes a second to start and a tenth to read one
NETWORK_READERS = 8  # clones wait for the network, not for a core
SECONDS_TO_READ = 120.0  # beside what its clones may take


class Reader:
    """One process; started when it is first asked, and again after it was ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def ask(self, request: Request) -> LearnerSeen:
        """Its answer, or a problem for everything of this learner."""
        process = self.process = self.process or self._start()
        over = threading.Event()
        assert process.stdin is not None
        assert process.stdout is not None

        def stop() -> None:
            over.set()
            _kill(process)

        watch = threading.Timer(_seconds(request), stop)
        watch.daemon = True
        watch.start()
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(request.model_dump_json() + "\n")
                process.stdin.flush()
            line = process.stdout.readline()
        finally:
            watch.cancel()
        if line:
            return LearnerSeen.model_validate_json(line)
        self.end()
        return unread(request.learner, "reading_slow" if over.is_set() else "reading_failed")

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "fullcycle.people.course.look", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            cwd="/",
            env={
                **git_environment(self.folder),
                **{name: os.environ[name] for name in ("HOME", "SSH_AUTH_SOCK") if name in os.environ},
            },
            start_new_session=True,
        )

    def end(self) -> None:
        """With everything that it started."""
        process, self.process = self.process, None
        if process is not None:
            _kill(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            process.wait()


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _seconds(request: Request) -> float:
    clones = sum(protocol_of(each) is not None for each in request.learner.projects)
    return SECONDS_TO_READ + 4 * clones * request.clone.time_s  # clone, list, check out, and some rest


def unread(learner: Learner, code: ProblemCode) -> LearnerSeen:
    """Where nothing could be learned: nobody knows what is missing."""
    problem = Problem(code=code)
    return LearnerSeen(
        projects=tuple(ProjectSeen(address=each, problem=problem) for each in learner.projects or ("",)),
        homework=tuple(HomeworkSeen(problem=problem) for _ in SETS),
        quiz=QuizSeen(problem=problem),
    )


def read_all(place: Place, told: Callable[[str], None] = lambda _: None) -> list[LearnerSeen]:
    """What there is of every learner, in the course's order. `told` hears the id of each that is done."""
    course, learners = place.course, place.course.learners
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(learners)):
        waiting.put(number)
    found: list[LearnerSeen | None] = [None] * len(learners)

    def work() -> None:
        reader = Reader(place.folder)
        try:
            while True:
                number = waiting.get_nowait()
                asked = Request(learner=learners[number], clone=course.clone, quiz=course.quiz)
                found[number] = reader.ask(asked)
                told(learners[number].id)
        except queue.Empty:
            return
        finally:
            reader.end()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(_readers(course))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [seen or unread(learner, "reading_failed") for seen, learner in zip(found, learners, strict=True)]


def _readers(course: Course) -> int:
    remote = sum(protocol_of(each) is not None for learner in course.learners for each in learner.projects)
    useful = max(min(os.cpu_count() or 1, -(-len(course.learners) // A_READER_FOR)), 1)
    return max(useful, min(NETWORK_READERS, remote))
