"""Learners' folders and repositories are read; nothing in them runs, and nothing outside them is read."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fullcycle.people.course.clone import clone
from fullcycle.people.course.course_file import CloneRules, Place
from fullcycle.people.course.folder import check_folder, find_project
from fullcycle.people.course.readers import read_all
from fullcycle.people.course.seen import Problem, Refused
from tests.people.course.factory import committed, course, git, learner, write_project

BY_FILE = CloneRules(protocols=("file",))


def refused(root: Path) -> Problem:
    with pytest.raises(Refused) as caught:
        check_folder(root)
    return caught.value.problem


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "anna")


def armed(repository: Path, mark: Path) -> Path:
    """A repository in which everything that git may start on reading says that it was started."""
    run = repository / "run.sh"
    run.write_text(f"#!/bin/sh\necho $0 $@ >> {mark}\ncat\n")
    run.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    (repository / ".gitmodules").write_text(
        f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch {mark}"\n'
    )
    committed(repository)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor"):
        (repository / ".git/hooks").mkdir(exist_ok=True)
        (repository / f".git/hooks/{hook}").write_text(f"#!/bin/sh\necho {hook} >> {mark}\n")
        (repository / f".git/hooks/{hook}").chmod(0o755)
    for key, value in {
        "core.fsmonitor": str(run),
        "core.sshCommand": str(run),
        "core.pager": str(run),
        "core.gitProxy": str(run),
        "core.alternateRefsCommand": str(run),
        "filter.evil.clean": str(run),
        "filter.evil.smudge": str(run),
        "filter.evil.required": "true",
        "diff.evil.textconv": str(run),
        "gpg.program": str(run),
        "log.showSignature": "true",
        "remote.origin.url": str(repository),
        "remote.origin.uploadpack": str(run),
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "alias.log": f"!{run}",
    }.items():
        git(repository, "config", key, value)
    return repository


def test_a_repository_that_is_armed_starts_nothing_as_a_folder_or_as_a_url(
    project: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    armed(project, mark)
    # An object is gone, and the settings name the program that would bring it.
    blob = git(project, "rev-parse", "HEAD:fullcycle.yaml").strip()
    whole = tmp_path / "whole"
    git(tmp_path, "clone", "--quiet", "--no-checkout", str(project), str(whole))
    (project / ".git/objects" / blob[:2] / blob[2:]).unlink()
    of = course(
        learner(projects=["anna", f"file://{whole}"], homework=None, quiz=None), clone={"protocols": ["file"]}
    )
    git(project, "status")
    assert mark.exists()  # git as anybody has it starts what the repository names
    mark.unlink()
    [seen] = read_all(Place(of, tmp_path))
    assert not mark.exists(), mark.read_text()
    assert [each.problem for each in seen.projects] == [None, None]
    assert all(each.assessed for each in seen.projects)
    assert all(each.handed_in for each in seen.projects)


def test_a_clone_has_files_for_links_and_no_settings_or_hooks_of_the_learner(
    project: Path, tmp_path: Path
) -> None:
    (project / "notes").symlink_to("/etc")
    (project / "out").symlink_to("../../secret")
    mark = tmp_path / "ran"
    armed(project, mark)
    root = clone(f"file://{project}", tmp_path / "clone", BY_FILE)
    assert not any(path.is_symlink() for path in root.rglob("*"))
    assert (root / "notes").read_text() == "/etc"
    settings = (root / ".git/config").read_text()
    assert "evil" not in settings
    assert "fsmonitor" not in settings
    assert not (root / ".git/hooks").exists()
    assert not (root / "x").exists()
    check_folder(root)


def test_a_protocol_that_the_course_does_not_allow_is_not_spoken(project: Path, tmp_path: Path) -> None:
    committed(project)
    for address in (f"file://{project}", "ext::sh -c id", str(project)):
        with pytest.raises(Refused) as caught:
            clone(address, tmp_path / "clone", CloneRules())
        assert caught.value.problem.code == "protocol_refused"
    assert not (tmp_path / "clone").exists()


def test_a_repository_that_unpacks_to_more_than_is_allowed_is_not_unpacked(
    project: Path, tmp_path: Path
) -> None:
    (project / "zeros").write_bytes(bytes(3_000_000))
    committed(project)
    with pytest.raises(Refused) as caught:
        clone(f"file://{project}", tmp_path / "clone", CloneRules(protocols=("file",), size_mb=1))
    assert caught.value.problem.code == "too_large"
    assert [path.name for path in (tmp_path / "clone").iterdir()] == [".git"]


def test_a_folder_inside_a_repository_stays_inside(project: Path, tmp_path: Path) -> None:
    write_project(project / "deep")
    committed(project)
    assert clone(f"file://{project}#deep", tmp_path / "one", BY_FILE) == tmp_path / "one/deep"
    for number, inside in enumerate(("../..", "nowhere")):
        with pytest.raises(Refused) as caught:
            clone(f"file://{project}#{inside}", tmp_path / f"other{number}", BY_FILE)
        assert caught.value.problem.code == "no_project"


def out_by_file(root: Path) -> None:
    (root / "evidence/clean.json").unlink()
    (root / "evidence/clean.json").symlink_to("../../boris/evidence/clean.json")


def out_by_folder(root: Path) -> None:
    (root / "notes").symlink_to("/etc")


def out_in_a_circle(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")


def pipe(root: Path) -> None:
    os.mkfifo(root / "evidence/monitor.json")


def door(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket may not be long
        server.bind("door")
        os.chdir(here)


def huge(root: Path) -> None:
    with (root / "evidence/abtest.json").open("wb") as file:
        file.truncate(10**9)


def lent_history(root: Path) -> None:
    (root / ".git").write_text("gitdir: ../boris/.git\n")


def linked_history(root: Path) -> None:
    (root / ".git").symlink_to("../boris/.git")


def borrowed_history(root: Path) -> None:
    (root / ".git").mkdir()
    (root / ".git/commondir").write_text("../../boris/.git\n")


@pytest.mark.parametrize(
    ("spoil", "code", "about"),
    [
        (out_by_file, "link_outside", "evidence/clean.json"),
        (out_by_folder, "link_outside", "notes"),
        (pipe, "special_file", "evidence/monitor.json"),
        (door, "special_file", "door"),
        (huge, "too_large", "evidence/abtest.json"),
        (lent_history, "git_elsewhere", ".git"),
        (linked_history, "git_elsewhere", ".git"),
        (borrowed_history, "git_elsewhere", ".git"),
    ],
)
def test_a_folder_that_leads_out_or_never_ends_is_refused(
    project: Path, spoil: Callable[[Path], None], code: str, about: str
) -> None:
    check_folder(project)
    spoil(project)
    assert refused(project) == Problem(code=code, about=about)  # type: ignore[arg-type]


def test_links_inside_are_fine_and_what_is_never_read_is_not_looked_at(project: Path) -> None:
    (project / "latest.json").symlink_to("evidence/clean.json")
    (project / ".venv").mkdir()
    (project / ".venv/python").symlink_to("/usr/bin/python3")
    check_folder(project)


def test_a_project_is_found_below_and_several_are_told(tmp_path: Path) -> None:
    assert find_project(tmp_path) is None
    project = write_project(tmp_path / "work/churn")
    assert find_project(tmp_path) == project
    write_project(tmp_path / "work/other")
    with pytest.raises(Refused) as caught:
        find_project(tmp_path)
    assert caught.value.problem == Problem(code="several_projects", about="work/churn, work/other")


def test_one_that_breaks_its_reader_costs_nobody_else_and_a_teachers_history_is_nobodys(
    tmp_path: Path,
) -> None:
    for name in ("anna", "boris", "carol", "emma"):
        write_project(tmp_path / name)
    (tmp_path / "boris/evidence/clean.json").write_text("[" * 10**6)
    (tmp_path / "carol/evidence/clean.json").write_text('{"version": 999}')
    (tmp_path / "dora").mkdir()
    committed(tmp_path)
    committed(tmp_path / "emma")
    names = ("anna", "boris", "carol", "dora", "nobody", "emma")
    of = course(*(learner(id=name, projects=[name], homework=None, quiz=None) for name in names))
    seen = [each.projects[0] for each in read_all(Place(of, tmp_path))]
    assert [each.problem and each.problem.code for each in seen] == [
        None, "evidence_unreadable", "evidence_unreadable", None, None, None,
    ]  # fmt: skip
    assert [each.missing for each in seen] == [False, False, False, True, True, False]
    assert [each.address for each in seen if each.handed_in] == ["emma"]
