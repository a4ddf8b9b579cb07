"""Under which names a server may be asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app
from fullcycle.live.serve.hosts import LOOPBACK
from fullcycle.live.serve.keys import new_key
from fullcycle.live.serve.server import hosts_of


@pytest.fixture
def asked(make_client: Callable[[Any], Any], bundle_folder: Path) -> Any:
    settings = ServeSettings(hosts=[*LOOPBACK, "Model.example.org"], model_name="people")
    return make_client(create_app(bundle_folder, settings))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "model.example.org:443"],
)
def test_a_name_that_it_has_is_answered_with_any_port(asked: Any, host: str) -> None:
    assert asked.get("/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "::1", "é:1"]
)
def test_another_name_is_a_421_that_says_what_to_set(asked: Any, host: str) -> None:
    for method, path in (("GET", "/model"), ("POST", "/predict"), ("GET", "/v2/models/people")):
        answer = asked.request(method, path, headers={"host": host.encode()})
        assert answer.status_code == 421, path
    problem = asked.get("/model", headers={"host": host.encode()}).json()
    assert problem["type"] == "/docs#wrong-host"
    assert "expected 127.0.0.1, [::1], localhost, model.example.org" in problem["detail"]
    assert asked.get("/health/ready", headers={"host": host.encode()}).status_code == 200


def test_by_default_only_what_nothing_else_protects_is_asked_under_its_own_names(tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(new_key("shop", ["predict"])[1].as_line())
    assert hosts_of("127.0.0.1", ServeSettings()) == [*LOOPBACK, "127.0.0.1"]
    assert hosts_of("::1", ServeSettings(without_key=True))
    assert hosts_of("127.0.0.1", ServeSettings(keys_file=str(keys))) is None
    assert hosts_of("0.0.0.0", ServeSettings(without_key=True)) is None
    assert hosts_of("0.0.0.0", ServeSettings(hosts=["shop"])) == ["shop"]
