"""The least that could serve the graph of a bundle, and the same with pydantic: FORM BUNDLE PORT.

`bare` reads JSON by orjson and calls the session: it validates nothing, logs nothing, counts nothing.
`pydantic` has a model of the row, as FastAPI's guide shows it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import create_model

sys.path.insert(0, str(Path(__file__).parent / "peers"))
from plain import answering  # the same file as in the peers' environments


def bare(bundle: str) -> FastAPI:
    """FastAPI, orjson and the session."""
    app, answer = FastAPI(), answering(bundle)

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        [said] = answer([orjson.loads(await request.body())])
        return Response(orjson.dumps(said), media_type="application/json")

    return app


def pydantic(bundle: str) -> FastAPI:
    """FastAPI, a pydantic model of the row, and the session."""
    app, answer = FastAPI(), answering(bundle)
    given = orjson.loads(Path(bundle, "contract.json").read_bytes())["inputs"]
    kinds = {"string": str, "int64": int, "float32": float, "float64": float}
    fields: dict[str, Any] = {each["name"]: (kinds[each["dtype"]] | None, ...) for each in given}
    row_model = create_model("Row", **fields)

    async def predict(row: Any) -> Any:
        [said] = answer([row.model_dump()])
        return said

    predict.__annotations__["row"] = row_model
    app.post("/predict")(predict)
    return app


if __name__ == "__main__":
    form, bundle, port = sys.argv[1:]
    made = {"bare": bare, "pydantic": pydantic}[form](bundle)
    uvicorn.run(made, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
