"""The API's own description: schemas and examples that come from the bundle, so that both are true.

A schema says how a row is best sent; the contract reads more (numbers and dates as text, as a CSV has them).
Learned categories and ranges are what is expected, not what is allowed, and stand in descriptions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.model import ColumnType
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.answers import RowAnswer, RowsRejected, answer_rows, explain_rows
from fullcycle.live.serve.describe import Description, Input
from fullcycle.live.serve.keys import load_keys
from fullcycle.live.serve.problems import KINDS, MEDIA_TYPE, NOT_FOUND, Kind, bad_rows

JSON_TYPES: dict[str, list[str]] = {
    ColumnType.numeric: ["number", "null"],
    ColumnType.boolean: ["boolean", "null"],
    ColumnType.categorical: ["string", "null"],
    ColumnType.text: ["string", "null"],
    ColumnType.datetime: ["string", "null"],
}
CATEGORIES_SHOWN = 30
MODEL_NAME = "model"  # below /v2, where no project gives one
OBJECTS = {
    "/health/live": "application/json",
    "/health/ready": "application/json",
    "/model": "application/json",
    "/schema": "application/schema+json",
    "/v2": "application/json",
    "/v2/health/live": "application/json",
    "/v2/health/ready": "application/json",
    "/v2/models/{name}": "application/json",
    "/v2/models/{name}/versions/{version}": "application/json",
    "/v2/models/{name}/ready": "application/json",
}
Answer = Callable[[Bundle, Sequence[object]], list[RowAnswer]]
ROUTES = ("champion", "challenger", "previous", "rule", "constant")
REASONS = ("error", "timeout", "breaker", "rejected")
ROW, ANSWER, EXPLAINED, PROBLEM = "Row", "Answer", "ExplainedAnswer", "Problem"


def predict_operation() -> dict[str, Any]:
    """What FastAPI is told about POST /predict; schemas and examples are filled in by `api_document`."""
    return _rows_operation(ANSWER)


def explain_operation() -> dict[str, Any]:
    """The same about POST /predict/explain."""
    return _rows_operation(EXPLAINED)


def _rows_operation(answer: str) -> dict[str, Any]:
    return {
        "tags": ["predict"],
        "openapi_extra": {
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _one_or_list(_reference(ROW), at_least=1)}},
            }
        },
        "responses": {
            200: {
                "description": "One answer for a row; for a list a list, in the same order",
                "content": {"application/json": {"schema": _one_or_list(_reference(answer))}},
            },
            **body_problems(),
        },
    }


def body_problems() -> dict[int | str, dict[str, Any]]:
    """Answers to requests whose body is at fault."""
    return _problems(kind for kind in KINDS if kind.status in (400, 408, 413, 415, 422))


def not_found(kind: Kind = NOT_FOUND) -> dict[int | str, dict[str, Any]]:
    """Answers to requests for something that isn't here."""
    return _problems([kind])


def api_document(app: FastAPI, settings: ServeSettings) -> Callable[[Bundle, Description], dict[str, Any]]:
    """What makes the OpenAPI document of a bundle: schemas of row, answer and problem, and examples that
    really happened. Every route must have been added to the app."""
    routes = app.openapi()
    asks_for_keys = bool(load_keys(settings.keys_file)) and not settings.without_key
    statuses = {
        431,
        500,
        503,
        *((401, 403) if asks_for_keys else ()),
        *((429,) if settings.requests_per_s else ()),
    }
    anywhere = _problems(kind for kind in KINDS if kind.status in statuses)

    def document(bundle: Bundle, description: Description) -> dict[str, Any]:
        made = deepcopy(routes)
        made["info"] = {"title": f"{description.target} by fullcycle", "version": description.version}
        made["components"] = {"schemas": {
            ROW: _row_schema(description.inputs),
            ANSWER: _answer_schema(description),
            EXPLAINED: _explained_schema(),
            PROBLEM: _problem_schema(),
        }}  # fmt: skip
        for path, answer, rows in (
            ("/predict", answer_rows, settings.rows_at_most),
            ("/predict/explain", explain_rows, min(settings.explained_rows_at_most, settings.rows_at_most)),
        ):
            _describe_rows(made["paths"][path]["post"], bundle, description, answer, rows)
        for path, kind in OBJECTS.items():
            made["paths"][path]["get"]["responses"]["200"]["content"] = {kind: {"schema": {"type": "object"}}}
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _without_the_frameworks_own(operation["responses"])
                operation["responses"] |= {str(code): deepcopy(told) for code, told in anywhere.items()}
                if path.startswith("/v2"):
                    _with_errors_of_v2(operation["responses"])
                    here = {"name": settings.model_name or MODEL_NAME, "version": description.version}
                    _with_what_is_here(operation.get("parameters", ()), here)
        for path in ("/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer"):
            _describe_infer(made["paths"][path]["post"], description)
        if asks_for_keys:
            made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            made["security"] = [{"key": []}]
        return made

    return document


def _without_the_frameworks_own(responses: dict[str, Any]) -> None:
    """FastAPI adds a 422 wherever the address has a parameter; ours are texts, which are never refused so."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]


def _with_errors_of_v2(responses: dict[str, Any]) -> None:
    """The protocol's own shape of an error instead of problem JSON."""
    schema = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    for told in responses.values():
        if MEDIA_TYPE in told.get("content", {}):
            told["content"] = {"application/json": {"schema": schema}}


def _with_what_is_here(parameters: Iterable[dict[str, Any]], here: dict[str, str]) -> None:
    for parameter in parameters:
        parameter["schema"] = {"type": "string", "enum": [here[parameter["name"]]]}


def _describe_infer(asked: dict[str, Any], description: Description) -> None:
    inputs = [
        {"name": given.name, "shape": [1, 1], "datatype": datatype_of(given.type), "data": [value]}
        for given in description.inputs
        if (value := description.example.get(given.name)) is not None or given.required
    ]
    examples = {"one": {"summary": "One row", "value": {"id": "1", "inputs": inputs}}}
    asked["requestBody"]["content"]["application/json"]["examples"] = examples


def _describe_rows(
    asked: dict[str, Any], bundle: Bundle, description: Description, answer: Answer, rows_at_most: int
) -> None:
    row = description.example
    body = asked["requestBody"]["content"]["application/json"]
    body["examples"] = _examples(row)
    body["schema"]["anyOf"][1]["maxItems"] = rows_at_most
    answered = asked["responses"]["200"]["content"]["application/json"]
    answered["examples"] = _examples({**answer(bundle, [row])[0], "route": "champion"})
    asked["responses"]["422"]["content"][MEDIA_TYPE]["example"] = _bad_example(bundle, row)


def schema_of_row(description: Description) -> dict[str, Any]:
    """A JSON Schema that stands alone: what GET /schema says."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row to predict {description.target} of",
        **_row_schema(description.inputs),
        "examples": [description.example],
    }


def _row_schema(inputs: tuple[Input, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "One value for each column; null or an empty text is missing",
        "required": [given.name for given in inputs if given.required],
        "properties": {given.name: _column_schema(given) for given in inputs},
    }


def _column_schema(given: Input) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": JSON_TYPES[given.type], "description": expected_of(given)}
    if given.type == ColumnType.datetime:
        schema["examples"] = ["2024-01-31T12:00:00"]
    if given.strict and given.allowed is not None:
        schema["enum"] = [*given.allowed, None]
    if given.strict and given.range is not None:
        schema["minimum"], schema["maximum"] = given.range
    return schema


def datatype_of(kind: str) -> str:
    """What the Open Inference Protocol calls it: whatever is no number travels as text."""
    return {ColumnType.numeric.value: "FP64", ColumnType.boolean.value: "BOOL"}.get(kind, "BYTES")


def expected_of(given: Input) -> str:
    """What is expected of a column, in words."""
    verb = "must be" if given.strict else "expected"
    if given.allowed is not None:
        listed = ", ".join(given.allowed[:CATEGORIES_SHOWN])
        more = len(given.allowed) - CATEGORIES_SHOWN
        return f"{given.type}; {verb} one of {listed}" + (f" and {more} more" if more > 0 else "")
    if given.range is not None and given.type == ColumnType.numeric:
        return f"{given.type}; {verb} between {given.range[0]:g} and {given.range[1]:g}"
    return given.type


def _answer_schema(description: Description) -> dict[str, Any]:
    properties: dict[str, Any] = {"prediction": {"type": "number"}}
    if description.intervals is not None:
        share = f"{description.intervals:.0%} of rows lie between prediction_low and prediction_high"
        properties["prediction_low"] = {"type": "number", "description": share}
        properties["prediction_high"] = {"type": "number", "description": share}
    if description.classes:
        properties = {
            "prediction": {"type": "string", "enum": list(description.classes)},
            "probabilities": {
                "type": "object",
                "required": list(description.classes),
                "properties": {
                    name: {"type": "number", "minimum": 0, "maximum": 1} for name in description.classes
                },
            },
        }
    properties["version"] = {"type": "string", "description": "The bundle that answered"}
    properties["route"] = {
        "type": "string",
        "enum": list(ROUTES),
        "description": "What that bundle is now; or the rule or constant that answered in place of one",
    }
    properties["unexpected"] = {
        "type": "array",
        "description": "Values that no training row had; the row is answered all the same",
        "items": {
            "type": "object",
            "required": ["column", "value", "expected"],
            "properties": {"column": {"type": "string"}, "value": {}, "expected": {"type": "string"}},
        },
    }
    fallback = {
        "type": "string",
        "enum": list(REASONS),
        "description": "Why another one answered than the one whose turn it was; only there if so",
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": {**properties, "fallback": fallback},
    }


def _explained_schema() -> dict[str, Any]:
    number, part = {"type": "number"}, {"type": "object"}
    contribution = {
        **part,
        "required": ["column", "contribution", "value", "baseline"],
        "properties": {
            "column": {"type": "string"},
            "contribution": number,
            "value": {"description": "The row's"},
            "baseline": {"description": "The usual row's: median or mode of training"},
        },
    }
    explanation = {
        **part,
        "description": "baseline and all contributions add up to total",
        "required": ["scale", "of", "baseline", "total", "contributions"],
        "properties": {
            "scale": {"enum": ["log_odds", "value"]},
            "of": {"type": ["string", "null"], "description": "The class that the log-odds are of"},
            "baseline": number,
            "total": number,
            "contributions": {"type": "array", "items": contribution},
        },
    }
    more = {**part, "required": ["explanation"], "properties": {"explanation": explanation}}
    return {"allOf": [_reference(ANSWER), more]}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    error = {
        "type": "object",
        "required": ["row", "column", "found", "expected"],
        "properties": {
            "row": {"type": "integer", "description": "From 0, as sent"},
            "column": {"type": ["string", "null"], "description": "null: the row as a whole"},
            "found": text,
            "expected": text,
        },
    }
    return {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "hint": text,
            "errors": {"type": "array", "items": error},
            "bad_rows": {"type": "array", "items": {"type": "integer"}},
        },
    }


def _problems(kinds: Iterable[Kind]) -> dict[int | str, dict[str, Any]]:
    answers: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        content = {"schema": _reference(PROBLEM)}
        before = answers.get(kind.status, {}).get("description")
        described = f"{before}; {kind.title[0].lower()}{kind.title[1:]}" if before else kind.title
        answers[kind.status] = {"description": described, "content": {MEDIA_TYPE: content}}
    return answers


def _bad_example(bundle: Bundle, row: dict[str, Any]) -> dict[str, Any]:
    """The problem that a nested value really meets."""
    try:
        answer_rows(bundle, [{**row, next(iter(row), ""): []}])
    except RowsRejected as rejected:
        return bad_rows(rejected.errors).as_dict()
    return {}


def _examples(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "one": {"summary": "One row", "value": one},
        "several": {"summary": "Several rows", "value": [one, one]},
    }


def _one_or_list(item: dict[str, Any], at_least: int = 0) -> dict[str, Any]:
    array: dict[str, Any] = {"type": "array", "items": item}
    return {"anyOf": [item, {**array, "minItems": at_least} if at_least else array]}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
