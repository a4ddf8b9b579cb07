"""The API over one bundle: everything that can be done at start is done here, once.

Imports no training library and unpickles nothing; a test looks into `sys.modules` after an answer.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import orjson
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.answers import answer_rows
from fullcycle.live.serve.body import check_headers, parse_rows, read_body
from fullcycle.live.serve.describe import Description, describe
from fullcycle.live.serve.openapi import describe_api, predict_operation
from fullcycle.live.serve.problems import KINDS, add_problem_handlers

JSON = "application/json"
MEGABYTE = 1_000_000
ROWS_INLINE = 16  # more rows than this are answered by a thread: a few microseconds each would hold up others
PAGE = Path(__file__).with_name("docs.html")
PAGE_HEADERS = {
    # The page needs nothing from anywhere else, and a browser is told so: no network at run time (promise 9).
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


def create_app(bundle_folder: Path, settings: ServeSettings) -> FastAPI:
    """The API of the bundle in `bundle_folder`, ready to answer: its golden rows were proven on this runtime.

    Raises UserError for a bundle that is missing or damaged, CheckFailed where the runtime answers otherwise.
    """
    return app_of(read_bundle(bundle_folder), settings)


def app_of(bundle: Bundle, settings: ServeSettings) -> FastAPI:
    """The API of a bundle that has been proven."""
    description = describe(bundle)
    app = FastAPI(
        title=f"{description.target} by fullcycle",
        version=bundle.version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.bundle = bundle
    add_problem_handlers(app)
    _add_predict(app, bundle, settings)
    _add_health(app, description)
    _add_pages(app, description)
    describe_api(app, bundle, description, settings)
    return app


def _add_predict(app: FastAPI, bundle: Bundle, settings: ServeSettings) -> None:
    bytes_at_most = int(settings.body_mb_at_most * MEGABYTE)
    rows_at_most = settings.rows_at_most

    @app.post("/predict", **predict_operation())
    async def predict(request: Request) -> Response:
        """Answer one row, or a list of rows with a list of answers in the same order."""
        check_headers(request, bytes_at_most)
        rows, is_list = parse_rows(await read_body(request, bytes_at_most), rows_at_most)
        if len(rows) > ROWS_INLINE:
            answers = await run_in_threadpool(answer_rows, bundle, rows)
        else:
            answers = answer_rows(bundle, rows)
        return Response(orjson.dumps(answers if is_list else answers[0]), media_type=JSON)


def _add_health(app: FastAPI, description: Description) -> None:
    ready = orjson.dumps(
        {
            "status": "ready",
            "version": description.version,
            "golden_rows": description.golden_rows,
            "runtime": description.runtime,
        }
    )

    @app.get("/health/live", tags=["health"])
    async def live() -> Response:
        """Whether the process answers at all."""
        return Response(b'{"status":"live"}', media_type=JSON)

    @app.get("/health/ready", tags=["health"])
    async def is_ready() -> Response:
        """Whether predictions are answered: golden rows were proven on this runtime before the start."""
        return Response(ready, media_type=JSON)


def _add_pages(app: FastAPI, description: Description) -> None:
    facts = orjson.dumps(description.as_dict())
    page = _page()

    @app.get("/model", tags=["model"])
    async def model() -> Response:
        """What answers: version, task, classes, inputs, test results, lineage."""
        return Response(facts, media_type=JSON)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page, headers=PAGE_HEADERS, media_type="text/html")


def _page() -> bytes:
    """The page for people: our own, because FastAPI's loads Swagger UI from a CDN."""
    problems = "".join(
        f'<tr id="{kind.name}"><td class="number">{kind.status}</td>'
        f'<td class="name">{escape(kind.title)}</td><td>{escape(kind.cure)}</td></tr>'
        for kind in KINDS
    )
    return PAGE.read_text(encoding="utf-8").replace("<!--problems-->", problems).encode()
