"""Release, routes and rollback as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.released import bundle_in, failed_gate, project_in

from fullcycle.cli.main import main


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return bundle_in(tmp_path_factory.mktemp("first")), bundle_in(tmp_path_factory.mktemp("second"), -1.0)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project_in(tmp_path).root)
    return tmp_path


def typed(capsys: pytest.CaptureFixture[str], *words: str, exit_code: int = 0) -> Any:
    assert main([*words, "--json"]) == exit_code
    return json.loads(capsys.readouterr().out)


def test_a_release_a_challenger_a_promotion_and_the_way_back(
    here: Path, bundles: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    def released(bundle: Path, *words: str) -> Any:
        return typed(capsys, "release", "--bundle", str(bundle), "--no-registry", *words)

    one = released(bundles[0])["version"]
    two = released(bundles[1], "--as", "challenger", "--share", "0.1", "--why", "newer data")["version"]
    routes = typed(capsys, "routes")
    assert (routes["champion"], routes["challenger"]["bundle"], routes["versions"]) == (
        one,
        two,
        sorted([one, two]),
    )
    assert routes["audit"][-1]["why"] == "newer data"
    assert typed(capsys, "routes", "set", "--share", "0.5")["challenger"]["share"] == 0.5
    assert typed(capsys, "routes", "set", "--challenger", "none", "--shadow", two[:6])["shadow"] == two
    assert released(bundles[1])["routes"]["previous"] == [one]
    assert typed(capsys, "rollback")["champion"] == one
    listed = {each["version"]: each["role"] for each in typed(capsys, "versions")}
    assert listed == {one: "champion", two: ""}
    assert typed(capsys, "rollback", two)["champion"] == two


def test_people_are_told_what_answers_now_and_how_to_go_back(
    here: Path, bundles: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release", "--bundle", str(bundles[0]), "--no-registry"]) == 0
    told = capsys.readouterr().out
    assert "is champion now" in told
    assert "back: fullcycle rollback" in told
    assert main(["release", "--bundle", str(bundles[0]), "--no-registry"]) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert main(["routes"]) == 0
    assert "100% of the traffic" in capsys.readouterr().out


def test_servers_that_refused_or_follow_older_routes_are_told(
    here: Path, bundles: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    from fullcycle.core.project.route_settings import RouteSettings
    from fullcycle.core.routes.store import Deploy
    from fullcycle.live.routes.counted import Teller
    from fullcycle.live.routes.follower import Follower, Source

    for bundle in bundles:
        assert main(["release", "--bundle", str(bundle), "--no-registry"]) == 0
    deploy = Deploy(here / "deploy")
    (deploy.bundle(json.loads(deploy.routes_file.read_text())["champion"]) / "model.onnx").unlink()
    follower = Follower(Source(here, deploy), RouteSettings())
    Teller(deploy, follower).tell(now=True)
    assert main(["rollback"]) == 0
    told = capsys.readouterr().out
    assert "servers     1 process, 1 with older routes" in told
    assert "no such file" in told
    follower.close()
    assert main(["versions"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert ("route" in heading, len(lines)) == (True, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["release", "--as", "champ"], "one of champion, challenger, shadow"),
        (["release", "--share", "0.1"], "of a challenger"),
        (["release", "--as", "challenger", "--share", "1.5"], "up to 1"),
        (["routes"], "no released bundle"),
        (["rollback"], "no released bundle"),
        (["routes", "set"], "no released bundle"),
    ],
)
def test_a_mistake_is_told_with_what_to_type(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "hint: " in told


def test_failed_gates_end_with_1(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = bundle_in(tmp_path / "bad", passed=False, gates=(failed_gate(),))
    error = typed(capsys, "release", "--bundle", str(bad), exit_code=1)["error"]
    assert "metric: 0.61, bound 0.80" in error["found"]
