"""The API over a service: its addresses, and what stands at each.

Imports no training library and unpickles nothing; a test looks into `sys.modules` after an answer.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.log.writer import NotLogged
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve.asked import asked_of
from fullcycle.live.serve.door import Check, Door
from fullcycle.live.serve.feedback import Feedback
from fullcycle.live.serve.feedback_routes import add_feedback
from fullcycle.live.serve.hosts import HostCheck
from fullcycle.live.serve.inference import Inference
from fullcycle.live.serve.inference_routes import add_inference
from fullcycle.live.serve.keys import KeyCheck, Keyring
from fullcycle.live.serve.logs import RequestLog
from fullcycle.live.serve.metrics import MEDIA_TYPE as METRICS_TYPE
from fullcycle.live.serve.metrics import Metrics
from fullcycle.live.serve.openapi import (
    api_document,
    explain_operation,
    predict_operation,
)
from fullcycle.live.serve.predicting import Predicting
from fullcycle.live.serve.problems import KINDS, add_problem_handlers
from fullcycle.live.serve.rate import RateCheck
from fullcycle.live.serve.told import Telling
from fullcycle.live.service import Service, open_service

JSON = "application/json"
PAGE = Path(__file__).with_name("docs.html")
PAGE_HEADERS = {
    # The page needs nothing from anywhere else, and a browser is told so: no network at run time (promise 9).
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


def create_app(bundle_folder: Path, settings: ServeSettings) -> Door:
    """The API of the bundle in `bundle_folder`, ready to answer: its golden rows were proven on this runtime.

    Raises UserError for a bundle that is missing or damaged, CheckFailed where the runtime answers otherwise.
    """
    return app_of(open_service(Source(bundle_folder), settings), settings)


def app_of(service: Service, settings: ServeSettings, buckets: Path | None = None) -> Door:
    """The API of a service that is ready: plain ASGI, with FastAPI behind the door.

    `buckets` is what all workers of a server count their callers in.
    """
    metrics = Metrics()
    metrics.answers_by(service.bundle)
    predicting = Predicting(service, settings, metrics)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    add_problem_handlers(app)
    feedback = Feedback(service, predicting, settings.rows_at_most, metrics)
    inference = Inference(service, settings, predicting)
    busy = {
        "/predict": predicting.predict,
        "/predict/explain": predicting.explain,
        "/feedback": feedback.learn,
        inference.infer_path: inference.infer,
    }
    _add_predict(app, predicting)
    add_inference(app, inference)
    add_feedback(app, feedback, settings.rows_at_most)
    _add_metrics(app, metrics, service)
    _add_pages(app, service, settings)
    return Door(app, busy, _checks(settings, buckets), metrics, RequestLog(settings.log_requests))


def _checks(settings: ServeSettings, buckets: Path | None) -> tuple[Check, ...]:
    rate = settings.requests_per_s
    return (
        *((HostCheck(settings.hosts),) if settings.hosts is not None else ()),
        # Before the rate: a key's name is whose requests are counted.
        *(() if settings.without_key else (KeyCheck(Keyring(settings.keys_file)),)),
        *((RateCheck(rate, settings.requests_at_once, buckets),) if rate is not None else ()),
    )


def _add_predict(app: FastAPI, predicting: Predicting) -> None:
    """For OpenAPI, and for whatever the door leaves to routing, another method say."""

    @app.post("/predict", **predict_operation())
    async def predict(request: Request) -> Response:
        """Answer one row, or a list of rows with a list of answers in the same order."""
        return Response(await predicting.predict(asked_of(request.scope)), media_type=JSON)

    @app.post("/predict/explain", **explain_operation())
    async def explain(request: Request) -> Response:
        """Answer likewise, with what each column contributes: baseline and contributions add up to total."""
        return Response(await predicting.explain(asked_of(request.scope)), media_type=JSON)


def _add_metrics(app: FastAPI, metrics: Metrics, service: Service) -> None:
    @app.get("/metrics", tags=["metrics"], response_class=PlainTextResponse)
    def told() -> Response:
        """Counters and histograms in Prometheus's text format, and what monitoring found last."""
        metrics.answers_by(service.bundle)
        metrics.refused(len(service.state()["refused"]))
        return Response(metrics.as_text() + _monitored(service), media_type=METRICS_TYPE)


def _monitored(service: Service) -> bytes:
    """The gauges of the last look at the log, where `fullcycle monitor` has left some; their names are its
    own."""
    deploy = service.follower.source.deploy
    try:
        return b"" if deploy is None else deploy.gauges.read_bytes()
    except OSError:
        return b""


def _add_pages(app: FastAPI, service: Service, settings: ServeSettings) -> None:
    page = _page()

    @app.get("/health/live", tags=["health"])
    async def live() -> Response:
        """Whether the process answers at all."""
        return Response(b'{"status":"live"}', media_type=JSON)

    @app.get("/health/ready", tags=["health"])
    async def is_ready() -> Response:
        """Whether predictions are answered and logged, by which bundles, and which were refused."""
        log = service.log
        if log is not None and log.refuses:
            raise NotLogged(log.failing)
        state = {"routing": service.state(), "log": None if log is None else log.state()}
        return Response(orjson.dumps({**telling.now().ready, **state}), media_type=JSON)

    @app.get("/model", tags=["model"])
    async def model() -> Response:
        """What answers: version, task, classes, inputs, test results, lineage."""
        return Response(telling.now().model, media_type=JSON)

    @app.get("/schema", tags=["model"])
    async def schema() -> Response:
        """What a row must be: JSON Schema."""
        return Response(telling.now().schema, media_type="application/schema+json")

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        """To the page for people, beside this one also behind a proxy's prefix."""
        return Response(status_code=307, headers={"location": "docs"})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page, headers=PAGE_HEADERS, media_type="text/html")

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(telling.now().openapi, media_type=JSON)

    telling = Telling(service, api_document(app, settings))


def _page() -> bytes:
    """The page for people: our own, because FastAPI's loads Swagger UI from a CDN."""
    problems = "".join(
        f'<tr id="{kind.name}"><td class="number">{kind.status}</td>'
        f'<td class="name">{escape(kind.title)}</td><td>{escape(kind.cure)}</td></tr>'
        for kind in KINDS
    )
    return PAGE.read_text(encoding="utf-8").replace("<!--problems-->", problems).encode()
