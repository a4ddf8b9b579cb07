"""The comment on GitHub: charts on a branch of their own, for Markdown shows images by address alone.

One comment for a pull request, brought up to date by each run. Nothing here is needed to make the comment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from fullcycle.automate.pipelines.remote import STAND_IN, git, try_git
from fullcycle.core.errors import UserError

CHARTS_BRANCH = "fullcycle-charts"
TIMEOUT_S = 30
PAGE = 100
TRIES = 3
NOT_ALLOWED = (401, 403)


@dataclass(frozen=True)
class PullRequest:
    """Where the comment goes, by the variables that GitHub sets for its jobs."""

    api: str
    server: str
    repository: str
    number: int
    token: str


def pull_request() -> PullRequest:
    """From the environment; UserError that names the variable that is missing."""
    named = {"GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": "a token", "PULL_REQUEST": "a number"}
    for name, what in named.items():
        value = os.environ.get(name, "")
        if not value or (what == "a number" and not value.isdecimal()):
            raise UserError(
                where=f"the variable {name}",
                found=repr(value) if value else "nothing",
                expected=f"{what}, as GitHub's jobs have it",
                hint="without --post, the comment is written into reports/comment/",
            )
    return PullRequest(
        os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        os.environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/"),
        os.environ["GITHUB_REPOSITORY"],
        int(os.environ["PULL_REQUEST"]),
        os.environ["GITHUB_TOKEN"],
    )


def push_charts(root: Path, request: PullRequest, charts: Mapping[str, bytes]) -> dict[str, str]:
    """Put the charts on their branch, in one commit without a file in the working copy; addresses by name."""
    for _ in range(TRIES):
        commit = _charts_commit(root, request.number, charts)
        pushed = try_git(root, "push", "--quiet", "origin", f"{commit}:refs/heads/{CHARTS_BRANCH}")
        if pushed.returncode == 0:
            place = f"{request.server}/{request.repository}/raw/{commit}/{request.number}"
            return {name: f"{place}/{name}" for name in charts}
    raise UserError(
        where=f"git push to {CHARTS_BRANCH}",
        found=(pushed.stderr.strip() or "no reason given").splitlines()[-1],
        expected="a branch that this job may push to (permissions: contents: write)",
        hint="a pull request from a fork has no such right: its comment is in the job's summary",
    )


def post(request: PullRequest, mark: str, text: str) -> str | None:
    """Write the comment, or bring the earlier one with this mark up to date; its address.

    None where the token may not: then the job's summary is the comment.
    """
    place = f"{request.api}/repos/{request.repository}/issues"
    try:
        earlier = _earlier(request, f"{place}/{request.number}/comments", mark)
        if earlier is None:
            answer = _call(request, "POST", f"{place}/{request.number}/comments", {"body": text})
        else:
            answer = _call(request, "PATCH", f"{place}/comments/{earlier}", {"body": text})
    except HTTPError as error:
        if error.code in NOT_ALLOWED:
            return None
        raise _refused(request, str(error)) from error
    except (URLError, OSError) as error:
        raise _refused(request, str(error)) from error
    return str(answer["html_url"])


def summarize(text: str) -> None:
    """The same on the page of the job, where GitHub has one."""
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        with Path(page).open("a", encoding="utf-8") as handle:
            handle.write(text + "\n")


def _charts_commit(root: Path, number: int, charts: Mapping[str, bytes]) -> str:
    """A commit on top of the branch as the remote has it; charts of other pull requests stay."""
    there = try_git(root, "fetch", "--quiet", "origin", CHARTS_BRANCH).returncode == 0
    parent = git(root, "rev-parse", "FETCH_HEAD") if there else None
    folders = {} if parent is None else _entries(root, parent)
    blobs = {name: _stored(root, content) for name, content in charts.items()}
    lines = "".join(f"100644 blob {blob}\t{name}\n" for name, blob in sorted(blobs.items()))
    folders[str(number)] = f"040000 tree {_tree(root, lines)}"
    whole = _tree(root, "".join(f"{what}\t{name}\n" for name, what in sorted(folders.items())))
    parents = () if parent is None else ("-p", parent)
    return git(root, *STAND_IN, "commit-tree", whole, *parents, "-m", f"Charts of pull request {number}")


def _entries(root: Path, commit: str) -> dict[str, str]:
    lines = git(root, "ls-tree", "--full-tree", commit).splitlines()
    return {name: what for what, _, name in (line.partition("\t") for line in lines)}


def _stored(root: Path, content: bytes) -> str:
    return try_git(root, "hash-object", "-w", "--stdin", given=content).stdout.strip()


def _tree(root: Path, lines: str) -> str:
    return try_git(root, "mktree", given=lines.encode()).stdout.strip()


def _earlier(request: PullRequest, address: str, mark: str) -> int | None:
    for page in range(1, 1000):
        found = _call(request, "GET", f"{address}?per_page={PAGE}&page={page}")
        for each in found:
            if str(each.get("body", "")).startswith(mark):
                return int(each["id"])
        if len(found) < PAGE:
            return None
    return None


def _call(request: PullRequest, method: str, address: str, body: Any = None) -> Any:
    headers = {
        "authorization": f"Bearer {request.token}",
        "accept": "application/vnd.github+json",
        "content-type": "application/json",
    }
    content = None if body is None else json.dumps(body).encode()
    with urlopen(Request(address, content, headers, method=method), timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def _refused(request: PullRequest, why: str) -> UserError:
    return UserError(
        where=f"{request.api}, pull request {request.number} of {request.repository}",
        found=f"no comment was taken ({why})",
        hint="the comment lies in reports/comment/comment.md",
    )
