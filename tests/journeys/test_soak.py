"""What `make soak` does for ten minutes, here for as long as some requests take."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.soak import Site, soak

from tests.released import ROW, bundle_in, project_in


@pytest.fixture
def site(tmp_path: Path) -> Site:
    bundles = (bundle_in(tmp_path / "first"), bundle_in(tmp_path / "second", shift=0.5))
    return Site(project_in(tmp_path / "site").root, bundles, ROW, workers=1)


@pytest.mark.parametrize(
    ("switches", "every_s"),
    [pytest.param(2, 0.5, id="short"), pytest.param(12, 5, id="a minute", marks=pytest.mark.nightly)],
)
def test_releases_and_rollbacks_at_four_fifths_of_capacity_fail_no_request_and_lose_none(
    switches: int, every_s: float, site: Site
) -> None:
    soaked = soak(site, switches=switches, every_s=every_s, measuring=400)
    assert soaked.heard.failures == []
    assert soaked.heard.mixed == 0
    assert soaked.logged == soaked.asked_rows > 0
    assert len(soaked.heard.versions) == 2
    assert len(soaked.switch_s) == switches
    assert switches < 12 or soaked.growth < 0.1, soaked.memory_mb
