"""The comment on GitHub, against a server that answers as its API does, and a repository."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from tests.servers import send, web

from fullcycle.automate.pipelines.post import CHARTS_BRANCH, PullRequest, post, pull_request, push_charts
from fullcycle.automate.pipelines.remote import git
from fullcycle.core.errors import UserError

MARK = "<!-- fullcycle: churn -->"


@dataclass
class Api:
    """Comments of one issue, in pages of 100; `allowed` is what a fork's token is not."""

    allowed: bool = True
    comments: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length") or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        path, _, query = request.path.partition("?")
        if not self.allowed or request.headers["authorization"] != "Bearer secret":
            send(request, b"{}", "application/json", 403)
        elif request.command == "GET":
            page = int(query.rpartition("page=")[2])
            self.answer(request, self.comments[100 * (page - 1) : 100 * page])
        elif path == "/repos/shop/churn/issues/7/comments":
            self.comments.append({"id": 100 + len(self.comments), "html_url": "https://new", **body})
            self.answer(request, self.comments[-1])
        else:
            [found] = [each for each in self.comments if path.endswith(f"/comments/{each['id']}")]
            self.answer(request, {**found, **body})
            found.update(body)

    def answer(self, request: BaseHTTPRequestHandler, content: Any) -> None:
        send(request, json.dumps(content).encode(), "application/json")


def asked(url: str) -> PullRequest:
    return PullRequest(url, "https://github.com", "shop/churn", 7, "secret")


def test_one_comment_is_brought_up_to_date_whatever_stands_around_it() -> None:
    api = Api(comments=[{"id": number, "body": "a word"} for number in range(100)])
    with web(api) as url:
        assert post(asked(url), MARK, f"{MARK} first") == "https://new"
        api.comments.append({"id": 900, "body": "later"})
        assert post(asked(url), MARK, f"{MARK} second") == "https://new"
    ours = [each["body"] for each in api.comments if MARK in each["body"]]
    assert ours == [f"{MARK} second"]


def test_a_token_that_may_not_write_is_no_error() -> None:
    with web(Api(allowed=False)) as url:
        assert post(asked(url), MARK, "text") is None


def test_a_server_that_is_away_is_an_error_that_says_where_the_comment_lies() -> None:
    with pytest.raises(UserError, match="reports/comment"):
        post(asked("http://127.0.0.1:9"), MARK, "text")


@pytest.mark.parametrize("missing", ["GITHUB_TOKEN", "GITHUB_REPOSITORY", "PULL_REQUEST"])
def test_a_variable_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in {"GITHUB_TOKEN": "a", "GITHUB_REPOSITORY": "b/c", "PULL_REQUEST": "7"}.items():
        monkeypatch.setenv(name, value)
    assert pull_request().number == 7
    monkeypatch.delenv(missing)
    with pytest.raises(UserError, match=missing):
        pull_request()
    monkeypatch.setenv(missing, "seven")
    if missing == "PULL_REQUEST":
        with pytest.raises(UserError, match="'seven'"):
            pull_request()


def test_charts_lie_on_a_branch_of_their_own_and_those_of_others_stay(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    subprocess.run(["git", "clone", "--quiet", origin, clone], check=True, capture_output=True)
    request = asked("http://127.0.0.1:9")
    first = push_charts(clone, request, {"metrics.png": b"\x89PNG one"})
    other = PullRequest(request.api, request.server, request.repository, 8, "secret")
    push_charts(clone, other, {"metrics.png": b"\x89PNG other"})
    second = push_charts(clone, request, {"metrics.png": b"\x89PNG two"})
    listed = git(clone, "ls-tree", "-r", "--name-only", f"origin/{CHARTS_BRANCH}", "--full-tree")
    assert listed.splitlines() == ["7/metrics.png", "8/metrics.png"]
    commit = second["metrics.png"].split("/raw/")[1].split("/")[0]
    assert first["metrics.png"] != second["metrics.png"]
    assert git(clone, "show", f"{commit}:7/metrics.png").encode("latin-1", "replace").endswith(b"PNG two")
    assert git(clone, "status", "--porcelain") == ""
