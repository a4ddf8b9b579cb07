"""The Open Inference Protocol v2: the same answers, by column instead of by row, so that its clients work.

Tensors come and go as JSON or, as its binary extension has it, as bytes behind a JSON head. Inputs are raw
columns of the contract, [N] or [N, 1]: what a client sends is coerced as in any other request.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.metadata import version as version_of
from typing import Any, NamedTuple

import numpy as np
import orjson

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.row import shown
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.answers import RowAnswer
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.body import check_headers, parse_json, refuse_too_many, size_of
from fullcycle.live.serve.openapi import MODEL_NAME, datatype_of
from fullcycle.live.serve.predicting import Predicting
from fullcycle.live.serve.problems import BAD_TENSOR, NOT_FOUND, Problem
from fullcycle.live.service import Service

SHOWN = 60  # characters of a value in a message
HEAD_LENGTH = b"inference-header-content-length"
BINARY = b"application/octet-stream"
FIXED = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "INT8": "i1",
    "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip
KNOWN = (*FIXED, "BYTES")


class Tensor(NamedTuple):
    """A column of the request: one value for each row."""

    name: str
    values: list[Any]


class Inference:
    """What stands below /v2 for one model; its name is `serve.model_name`."""

    def __init__(self, service: Service, settings: ServeSettings, predicting: Predicting) -> None:
        self._service, self._predicting = service, predicting
        self.name, self._rows_at_most = settings.model_name or MODEL_NAME, settings.rows_at_most

    @property
    def infer_path(self) -> str:
        """Where requests for answers go."""
        return f"/v2/models/{self.name}/infer"

    def server(self) -> bytes:
        """GET /v2."""
        told = {"name": "fullcycle", "version": version_of("fullcycle"), "extensions": ["binary_tensor_data"]}
        return orjson.dumps(told)

    def model(self, name: str, version: str | None = None) -> bytes:
        """GET /v2/models/NAME[/versions/VERSION]. Raises Problem for another name or version."""
        bundle = self.check(name, version)
        return orjson.dumps({**_metadata(self.name, bundle), "versions": [*self._bundles()]})

    def check(self, name: str, version: str | None = None) -> Bundle:
        """What answers under that name and version; raises Problem for a model that isn't here."""
        bundles = self._bundles()
        wanted = self._service.bundle.version if version is None else version
        if name != self.name or wanted not in bundles:
            asked = shown(name if version is None else f"{name} {version}")
            raise Problem(NOT_FOUND, f"found no model {asked}, expected {self.name} {' or '.join(bundles)}")
        return bundles[wanted]

    def _bundles(self) -> dict[str, Bundle]:
        """What may be asked by its version: the champion first, then the challenger."""
        there = self._service.follower.deployment
        lanes = (there.champion, there.challenger)
        return {lane.bundle.version: lane.bundle for lane in lanes if lane is not None}

    async def infer(self, asked: Asked, version: str | None = None) -> bytes:
        """POST /v2/models/NAME[/versions/VERSION]/infer; `asked.kind` says what the answer is."""
        if HEAD_LENGTH not in asked.headers and asked.headers.get(b"content-type"):
            check_headers(asked, self._predicting.bytes_at_most)
        request, rest = _parted(await self._predicting.body(asked, any_type=True), asked)
        rows = _rows(list(_tensors(request, rest)), self._rows_at_most)
        bundle = self.check(self.name, version)
        wanted = _wanted(request, [output["name"] for output in _metadata("", bundle)["outputs"]])
        answers = await self._predicting.answers(rows, asked, version=version)
        made = {output["name"]: output for output in _outputs(answers)}
        said: dict[str, Any] = {"model_name": self.name, "model_version": answers[0]["version"]}
        if isinstance(request.get("id"), str):
            said["id"] = request["id"]
        content, outputs = [], []
        for name, as_bytes in wanted.items():
            if as_bytes:
                content.append(_to_bytes(made[name]))
            outputs.append(_behind(made[name], len(content[-1])) if as_bytes else made[name])
        head = orjson.dumps({**said, "outputs": outputs})
        if content:
            asked.kind = ((b"content-type", BINARY), (HEAD_LENGTH, str(len(head)).encode()))
        return b"".join([head, *content])


def _metadata(name: str, bundle: Bundle) -> dict[str, Any]:
    classes = bundle.classes
    numbers = ("prediction", "prediction_low", "prediction_high")
    outputs = (
        [("label", "BYTES", 1), ("probabilities", "FP64", len(classes))]
        if classes
        else [(each, "FP64", 1) for each in numbers[: 1 if bundle.facts.intervals is None else 3]]
    )
    return {
        "name": name,
        "platform": "onnxruntime_onnx",
        "inputs": [
            _tensor(column.name, datatype_of(column.type.value), 1) for column in bundle.contract.features
        ],
        "outputs": [_tensor(*output) for output in outputs],
        **({"parameters": {"classes": list(classes)}} if classes else {}),
    }


def _tensor(name: str, datatype: str, width: int) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1, width]}


def _parted(body: bytes, asked: Asked) -> tuple[dict[str, Any], memoryview]:
    """The JSON head, and the bytes behind it."""
    length = asked.headers.get(HEAD_LENGTH, b"")
    if length and not (length.isdigit() and size_of(length) <= len(body)):
        said = shown(length.decode("latin-1"))
        raise Problem(BAD_TENSOR, f"found {HEAD_LENGTH.decode()} {said}, expected at most {len(body)}")
    head = size_of(length) if length else len(body)
    request = parse_json(body[:head])
    if not isinstance(request, dict) or not isinstance(request.get("inputs"), list) or not request["inputs"]:
        raise Problem(BAD_TENSOR, "found no inputs, expected an object with a list of inputs")
    return request, memoryview(body)[head:]


def _tensors(request: dict[str, Any], rest: memoryview) -> Iterator[Tensor]:
    at, seen = 0, set()
    for given in request["inputs"]:
        name, rows = _described(given)
        if name in seen:
            raise Problem(BAD_TENSOR, f"found the input {shown(name)} twice, expected each once")
        seen.add(name)
        parameters = given.get("parameters")
        size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
        if size is None:
            values = _flat(name, given.get("data"))
        else:
            if type(size) is not int or not 0 <= size <= len(rest) - at:
                raise _bad(name, f"binary_data_size {shown(size)}", f"at most {len(rest) - at} bytes")
            values = _from_bytes(name, given["datatype"], bytes(rest[at : at + size]))
            at += size
        if len(values) != rows:
            raise _bad(name, f"{len(values)} values", f"{rows}, as its shape says")
        yield Tensor(name, values)


def _described(given: Any) -> tuple[str, int]:
    """The name of an input, and how many rows it has."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise Problem(BAD_TENSOR, f"found {shown(given)}, expected an input with a name")
    name: str = given["name"]
    datatype, shape = given.get("datatype"), given.get("shape")
    if datatype not in KNOWN:
        raise _bad(name, f"the datatype {shown(datatype)}", f"one of {', '.join(KNOWN)}")
    match shape:
        case [int(rows)] | [int(rows), 1] if rows >= 0 and rows is not True and rows is not False:
            return name, rows
        case _:
            raise _bad(name, f"the shape {str(shape)[:SHOWN]}", "[rows, 1] or [rows]")


def _flat(name: str, data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise _bad(name, f"data {shown(data)}", "a list")
    return [value[0] if isinstance(value, list) and len(value) == 1 else value for value in data]


def _from_bytes(name: str, datatype: str, content: bytes) -> list[Any]:
    if datatype == "BYTES":
        return list(_texts(name, content))
    kind = np.dtype(FIXED[datatype])
    if len(content) % kind.itemsize:
        raise _bad(name, f"{len(content)} bytes", f"a multiple of {kind.itemsize}")
    values = np.frombuffer(content, kind).tolist()
    if kind.kind == "f":  # JSON has null for what is missing, tensors have NaN
        return [None if math.isnan(value) else value for value in values]
    return values  # type: ignore[no-any-return]


def _texts(name: str, content: bytes) -> Iterator[str]:
    """Each text behind its length in four bytes."""
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "little")
        text = content[at + 4 : at + 4 + length]
        if len(text) != length or len(content) < at + 4:
            raise _bad(name, f"{len(content) - at} bytes left", f"4 and {length} of a text")
        try:
            yield text.decode("utf-8")
        except UnicodeDecodeError:
            raise _bad(name, "bytes that are no UTF-8", "texts in UTF-8") from None
        at += 4 + length


def _rows(tensors: Sequence[Tensor], rows_at_most: int) -> list[dict[str, Any]]:
    rows = len(tensors[0].values)
    other = next((each for each in tensors if len(each.values) != rows), None)
    if other is not None:
        raise _bad(other.name, f"{len(other.values)} rows", f"{rows}, as {shown(tensors[0].name)} has")
    refuse_too_many(rows, rows_at_most)
    names = [tensor.name for tensor in tensors]
    return [
        dict(zip(names, values, strict=True))
        for values in zip(*(tensor.values for tensor in tensors), strict=True)
    ]


def _wanted(request: dict[str, Any], there: list[str]) -> dict[str, bool]:
    """The outputs that are asked for, and which of them as bytes: all, unless some are named."""
    outputs, every = request.get("outputs"), _asks(request, "binary_data_output", default=False)
    if outputs is None or outputs == []:
        return dict.fromkeys(there, every)
    named = outputs if isinstance(outputs, list) else [outputs]
    names = [each.get("name") if isinstance(each, dict) else each for each in named]
    unknown = [name for name in names if not isinstance(name, str) or name not in there]
    if unknown:
        raise Problem(BAD_TENSOR, f"found outputs with {shown(unknown[0])}, expected {' and '.join(there)}")
    if len(set(names)) < len(names):  # a million times the same would be a million times the answer
        raise Problem(BAD_TENSOR, "found an output twice, expected each once")
    return {
        str(name): _asks(each, "binary_data", default=every) for name, each in zip(names, named, strict=True)
    }


def _asks(given: Any, parameter: str, *, default: bool) -> bool:
    """What a parameter of a request or an output says."""
    parameters = given.get("parameters") if isinstance(given, dict) else None
    said = parameters.get(parameter) if isinstance(parameters, dict) else None
    return said if isinstance(said, bool) else default


def _to_bytes(output: dict[str, Any]) -> bytes:
    """The values of an output as the extension has them; `_from_bytes` reads them."""
    if output["datatype"] != "BYTES":
        return np.asarray(output["data"], dtype=FIXED[output["datatype"]]).tobytes()
    texts = [str(value).encode() for value in output["data"]]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def _behind(output: dict[str, Any], size: int) -> dict[str, Any]:
    """What the head says of an output that stands behind it."""
    told = {name: value for name, value in output.items() if name != "data"}
    return {**told, "parameters": {"binary_data_size": size}}


def _outputs(answers: Sequence[RowAnswer]) -> Iterator[dict[str, Any]]:
    if "probabilities" in answers[0]:
        yield _output("label", "BYTES", 1, [answer["prediction"] for answer in answers])
        shares = [share for answer in answers for share in answer["probabilities"].values()]
        yield _output("probabilities", "FP64", len(answers[0]["probabilities"]), shares)
        return
    for name in ("prediction", "prediction_low", "prediction_high"):
        if name in answers[0]:
            yield _output(name, "FP64", 1, [answer[name] for answer in answers])


def _output(name: str, datatype: str, width: int, data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [len(data) // width, width], "data": data}


def _bad(name: str, found: str, expected: str) -> Problem:
    return Problem(BAD_TENSOR, f"input {shown(name)}: found {found}, expected {expected}")
