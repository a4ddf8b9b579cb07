"""Bundles to serve: the ones by hand of tests/core/bundle, sealed once for all tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.core.bundle import conftest as by_hand

from fullcycle.core.contract.model import Task
from fullcycle.core.project.settings import ServeSettings
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
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **given)

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
