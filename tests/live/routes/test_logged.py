"""What the log says of who answered: challenger and fallback by their names, the shadow beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.released import FAILING_AGE, ROW

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.log.read import open_log
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Source
from fullcycle.live.service import RequestFacts, open_service

TOLD = "SELECT request_id, row, route, version, fallback FROM predictions ORDER BY ALL"


def test_shadow_and_fallback_are_on_record_under_the_same_request(
    tmp_path: Path, deploy: Deploy, put: Callable[..., str], bundles: Any
) -> None:
    first, tricky = put(bundles.first), put(bundles.tricky)
    shadow = put(bundles.second, role="shadow")
    place = LogPlace(tmp_path / "predictions", LogSettings())
    service = open_service(Source(deploy.folder / "none", deploy, log=place), ServeSettings())
    service.start()
    asyncio.run(service.answer([ROW, ROW], RequestFacts("fine")))
    asyncio.run(service.answer([{**ROW, "age": FAILING_AGE}], RequestFacts("fails")))
    service.close()
    with open_log(place.folder) as log:
        assert [tuple(each.values()) for each in log.rows(TOLD)] == [
            ("fails", 0, "previous", first, "error"),
            ("fails", 0, "shadow", shadow, None),
            ("fine", 0, "champion", tricky, None),
            ("fine", 0, "shadow", shadow, None),
            ("fine", 1, "champion", tricky, None),
            ("fine", 1, "shadow", shadow, None),
        ]
