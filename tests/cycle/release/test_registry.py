"""MLflow's registry says what the routes say, and loads a bundle without a pickle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pandas as pd
import pytest
from tests.released import ROW, bundle_in, project_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.routes.change import roll_back
from fullcycle.core.routes.store import Deploy
from fullcycle.core.tracking import NO_TELEMETRY
from fullcycle.cycle.release.stage import Wish, point_registry, release


def test_aliases_follow_the_routes_and_the_champion_is_loaded_by_name(tmp_path: Path) -> None:
    import mlflow

    project = project_in(tmp_path / "project")
    first = release(project, bundle_in(tmp_path / "first"), Wish())
    assert first.registered is not None
    assert first.registered.name == "people"
    second = release(project, bundle_in(tmp_path / "second", shift=-1.0), Wish("challenger"))
    again = release(project, tmp_path / "second/bundle", Wish("challenger", 0.5))
    assert again.registered == second.registered  # registered once

    client = mlflow.MlflowClient(f"sqlite:///{project.root}/mlflow.db")
    assert aliases(client) == {"champion": "1", "challenger": "2"}
    model = mlflow.pyfunc.load_model("models:/people@champion")
    rows = pd.DataFrame([ROW, {**ROW, "age": "?"}])  # as raw as over HTTP
    expected = read_bundle(first.folder).predict(rows)
    pd.testing.assert_frame_equal(model.predict(rows), expected)

    champion = release(project, tmp_path / "second/bundle", Wish())
    assert aliases(client) == {"champion": "2"}
    assert not [*(project.root / "mlruns").rglob("*.pkl")]
    roll_back(Deploy(project.paths.deploy), None, who="Anna", why="")
    assert point_registry(project) == {"champion": "1"}
    assert aliases(client) == {"champion": "1"}
    assert champion.routes.previous == (first.version,)


def aliases(client: object) -> dict[str, str]:
    return {name: str(at) for name, at in client.get_registered_model("people").aliases.items()}


def test_a_store_that_cannot_be_reached_is_an_error_with_its_cure(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project", "tracking:\n  uri: http://127.0.0.1:9\n")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9") as failed:
        release(project, bundle_in(tmp_path), Wish())
    assert "--no-registry" in failed.value.hint
    assert not (project.paths.deploy / "routes.json").exists()


@pytest.mark.nightly
def test_mlflow_serves_the_champion_and_answers_raw_rows(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project")
    done = release(project, bundle_in(tmp_path), Wish())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    scripts = Path(sys.executable).parent  # MLflow finds its uvicorn on the path
    command = [str(scripts / "mlflow"), "models", "serve", "-m", "models:/people@champion"]
    server = subprocess.Popen(
        [*command, "--env-manager", "local", "-p", str(port)],
        env={
            **os.environ,
            "PATH": f"{scripts}:{os.environ['PATH']}",
            "MLFLOW_TRACKING_URI": f"sqlite:///{project.root}/mlflow.db",
            **NO_TELEMETRY,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer = asked(f"http://127.0.0.1:{port}", {"dataframe_records": [ROW, {**ROW, "age": "?"}]})
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    expected = read_bundle(done.folder).predict(pd.DataFrame([ROW, {**ROW, "age": "?"}]))
    assert answer["predictions"] == expected.to_dict("records")


def asked(url: str, body: dict[str, object]) -> dict[str, object]:
    """The answer, once there is a server."""
    deadline, pause = time.monotonic() + 120, threading.Event()
    while True:
        try:
            return httpx.post(f"{url}/invocations", json=body, timeout=60).raise_for_status().json()
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            pause.wait(0.2)
