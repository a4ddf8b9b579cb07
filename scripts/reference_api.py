"""The page of the HTTP API, from the OpenAPI that a server over a bundle gives out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app
from fullcycle.live.serve.problems import KINDS

HEAD = """# HTTP API

What `fullcycle serve` answers, read from `GET /openapi.json` of a server over a small bundle: columns and
classes are that bundle's, and yours has its own. `/docs` of a running server shows the same with examples
that were really answered. Written by `make reference`.
"""


def api_page() -> str:
    """Addresses, each with its body and answers; parts; problems."""
    document = served()
    lines = [HEAD, "| | what it answers |", "| --- | --- |"]
    operations = list(_operations(document))
    lines += [f"| `{name}` | {told['description']} |" for name, told in operations]
    lines.append("")
    for name, told in operations:
        lines += _section(name, told)
    lines += ["## Parts\n"]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += [f"### {name}\n", f"```json\n{json.dumps(schema, indent=1, ensure_ascii=False)}\n```\n"]
    lines += ["## Problems\n", "| status | title | what to do |", "| --- | --- | --- |"]
    lines += [f"| {kind.status} | {kind.title} | {_cell(kind.cure)} |" for kind in KINDS]
    return "\n".join(lines) + "\n"


def served() -> dict[str, Any]:
    """The document as a client gets it, of a bundle that is written by hand."""
    from tests.released import bundle_in

    with TemporaryDirectory() as folder:
        app = create_app(bundle_in(Path(folder)), ServeSettings())
        document: dict[str, Any] = json.loads(asyncio.run(_got(app, "/openapi.json")))
    return document


async def _got(app: Any, path: str) -> bytes:
    import httpx

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
    ) as client:
        return (await client.get(path)).content


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}", told


def _section(name: str, told: dict[str, Any]) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{told['description']}\n"
    if told.get("parameters"):
        yield "| parameter | where | meaning |\n| --- | --- | --- |"
        for each in told["parameters"]:
            yield f"| `{each['name']}` | {each['in']} | {_cell(each.get('description', ''))} |"
        yield ""
    if "requestBody" in told:
        yield from (f"Body, `{kind}`: {_shape(each)}.\n" for kind, each in _contents(told["requestBody"]))
    yield "| status | answer | meaning |\n| --- | --- | --- |"
    for status, answer in sorted(told["responses"].items()):
        shapes = "; ".join(f"`{kind}`: {_shape(each)}" for kind, each in _contents(answer))
        yield f"| {status} | {shapes} | {_cell(answer['description'])} |"
    yield ""


def _contents(where: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, content in where.get("content", {}).items():
        yield kind, content.get("schema", {})


def _shape(schema: dict[str, Any]) -> str:
    """A schema in words; parts are links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_shape(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"a list of {_shape(schema['items'])}"
    if schema.get("properties"):
        return "an object of " + ", ".join(f"`{name}`" for name in schema["properties"])
    return {"string": "text", "object": "an object"}.get(schema.get("type", ""), "as it says")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
