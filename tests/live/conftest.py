"""Bundles to serve: the ones by hand of tests/core/bundle, sealed once for all tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.core.bundle import conftest as by_hand
from tests.released import bundle_in, project_in, tricky_graph

from fullcycle.core.contract.model import Task
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.cycle.release.stage import Wish, release
from fullcycle.live.serve import create_app


class Client:
    """Requests to an app without a socket; an error of the app is its 500, as a client sees it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport) as client:
                # The whole address: of a path alone httpx takes what follows two slashes for a host.
                return await client.request(method, f"http://test{path}", **given)

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def make_bundle() -> Callable[..., Path]:
    """Seal a bundle below a folder and return its path."""
    return by_hand.bundle_folder


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory, make_bundle: Callable[..., Path]) -> Path:
    return make_bundle(tmp_path_factory.mktemp("binary"))


@pytest.fixture(scope="session")
def regression_folder(tmp_path_factory: pytest.TempPathFactory, make_bundle: Callable[..., Path]) -> Path:
    return make_bundle(tmp_path_factory.mktemp("regression"), Task.regression)


@pytest.fixture
def make_client() -> Callable[[Any], Client]:
    return Client


@pytest.fixture(scope="session")
def client(bundle_folder: Path) -> Client:
    return Client(create_app(bundle_folder, ServeSettings(rows_at_most=100, body_mb_at_most=0.1)))


@pytest.fixture
def row() -> dict[str, Any]:
    return {
        "age": 52,
        "income": 1_000_000.0,
        "plan": "premium",
        "active": True,
        "since": "2019-05-01T10:00:00",
        "e-mail": "person@example.org",
    }


@dataclass(frozen=True)
class Bundles:
    """`second` says yes more often; `tricky` is `first` but for two ages."""

    first: Path
    second: Path
    tricky: Path


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second", "tricky")]
    return Bundles(
        bundle_in(folders[0]), bundle_in(folders[1], shift=0.5), bundle_in(folders[2], model=tricky_graph())
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path / "project")


@pytest.fixture
def deploy(project: Project) -> Deploy:
    return Deploy(project.paths.deploy)


@pytest.fixture
def put(project: Project) -> Callable[..., str]:
    """Release a bundle without a registry; gives its version."""

    def released(folder: Path, role: str = "champion", share: float | None = None) -> str:
        return release(project, folder, Wish(role, share, registry=False)).version

    return released
