"""What monitoring found last, handed on by the service to whoever scrapes it."""

from __future__ import annotations

from collections.abc import Callable

from tests.live.conftest import Bundles, Client
from tests.people.monitor_factory import monitored, performance

from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.monitor.history import utc_now
from fullcycle.live.monitor.sinks.gauges import write_gauges
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve.app import app_of
from fullcycle.live.service import open_service


def test_gauges_of_the_last_look_stand_among_the_services_own(
    deploy: Deploy, bundles: Bundles, put: Callable[..., str]
) -> None:
    from prometheus_client.parser import text_string_to_metric_families as parsed

    put(bundles.first)
    settings = ServeSettings(without_key=True)
    client = Client(app_of(open_service(Source(bundles.first, deploy), settings), settings))
    assert "fullcycle_monitor" not in client.get("/metrics").text

    evidence = monitored().model_copy(update={"performance": performance()})
    write_gauges(evidence, deploy.gauges, utc_now())
    families = {family.name: family for family in parsed(client.get("/metrics").text)}
    assert any(not name.startswith("fullcycle_monitor") for name in families)
    [ringing] = families["fullcycle_monitor_alarms_ringing"].samples
    assert ringing.value == 1
    told = {
        (each.labels["metric"], each.labels["kind"]): each.value
        for each in families["fullcycle_monitor_performance"].samples
    }
    assert told == {
        ("roc_auc", "realised"): 0.7,
        ("accuracy", "realised"): 0.71,
        ("roc_auc", "foreseen"): 0.83,
    }
    sliced = families["fullcycle_monitor_slice_performance"].samples
    assert [(each.labels["slice"], each.value) for each in sliced] == [("young", 0.61)]
    assert {each.labels["state"]: each.value for each in families["fullcycle_monitor_outcomes"].samples} == {
        "known": 900,
        "waiting": 100,
    }
