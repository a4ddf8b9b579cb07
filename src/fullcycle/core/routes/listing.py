"""The bundles in `deploy/`: what each is, when it was made, and what it does now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from fullcycle.core.bundle.model import LINEAGE, MANIFEST, TESTS, Lineage, Manifest, Tests
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import UserError
from fullcycle.core.routes.model import Routes
from fullcycle.core.routes.store import Deploy


@dataclass(frozen=True)
class Version:
    """One bundle. `value` is its headline metric on its sealed test rows; `role` may be empty."""

    version: str
    role: str
    created: str
    model: str
    headline: str
    value: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def versions_of(deploy: Deploy, routes: Routes) -> list[Version]:
    """The newest first; a folder that can't be read is left out."""
    return sorted(_readable(deploy, routes), key=lambda each: each.created, reverse=True)


def _readable(deploy: Deploy, routes: Routes) -> Iterator[Version]:
    roles = {version: role for role, version in routes.bundles.items()}
    for name in deploy.versions():
        folder = deploy.bundle(name)
        try:
            manifest = read_piece(folder, MANIFEST, Manifest)
            tests, lineage = read_piece(folder, TESTS, Tests), read_piece(folder, LINEAGE, Lineage)
        except UserError:
            continue
        value = next(
            (metric.model.value for metric in tests.metrics if metric.metric == tests.headline), None
        )
        yield Version(name, roles.get(name, ""), manifest.created, lineage.model, tests.headline, value)
