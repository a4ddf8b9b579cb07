"""What `--rebuild` runs has limits, and nothing that it started is left."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from fullcycle.people.course.course_file import RebuildLimits
from fullcycle.people.course.rebuild import run_limited
from fullcycle.people.course.supervise import Outcome

# A daemon: it leaves the session and the group, loses its parent, and would wait for ever.
DAEMON = """
import os, pathlib, signal, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
        signal.pause()
    os._exit(0)
os.wait()
while not pathlib.Path(sys.argv[1]).exists() or not pathlib.Path(sys.argv[1]).read_text():
    pass
"""


def run(folder: Path, code: str, *arguments: str, **limits: float) -> tuple[Outcome, str]:
    return run_limited([sys.executable, "-c", code, *arguments], RebuildLimits.model_validate(limits), folder)


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are found by a subreaper")
@pytest.mark.parametrize(
    ("then", "time_s", "ended"), [("", 60, "by_itself"), ("signal.pause()", 1, "by_time")]
)
def test_a_daemon_ends_with_the_program_that_started_it(
    tmp_path: Path, then: str, time_s: float, ended: str
) -> None:
    outcome, _ = run(tmp_path, DAEMON + then, str(tmp_path / "pid"), time_s=time_s)
    assert outcome.ended == ended
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_memory_and_files_are_bounded_and_none_of_our_secrets_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    code = f"""
import os, signal
def refused(work):
    try: work()
    except (MemoryError, OSError) as error: return type(error).__name__
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(refused(lambda: bytearray(2 * 10**9)),
      refused(lambda: open({str(tmp_path / "large")!r}, "wb", buffering=0).truncate(3 * 10**6)),
      refused(lambda: [open("/dev/null") for _ in range(200)]),
      os.environ["HOME"], len({{"MY_TOKEN", "SSH_AUTH_SOCK"}} & set(os.environ)))
"""
    outcome, said = run(tmp_path, code, memory_gb=1, file_mb=2, open_files=100)
    assert (outcome.code, said) == (0, f"MemoryError OSError OSError {tmp_path / 'home'} 0")
