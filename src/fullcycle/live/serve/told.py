"""What the API tells of the bundle that answers now: made once for each bundle, and never for a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.live.serve.describe import Description, describe
from fullcycle.live.serve.openapi import schema_of_row
from fullcycle.live.service import Service

Document = Callable[[Bundle, Description], dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """Bodies of answers about one bundle; `ready` is what of GET /health/ready stays true of it."""

    bundle: Bundle
    description: Description
    model: bytes
    ready: dict[str, Any]
    schema: bytes
    openapi: bytes


class Telling:
    """Follows the service from bundle to bundle; `document` makes the OpenAPI document of one."""

    def __init__(self, service: Service, document: Document) -> None:
        self._service, self._document = service, document
        self._told = self._tell(service.bundle)

    def now(self) -> Told:
        """About the bundle that answers now."""
        bundle = self._service.bundle
        if self._told.bundle is not bundle:
            self._told = self._tell(bundle)
        return self._told

    def _tell(self, bundle: Bundle) -> Told:
        description = describe(bundle)
        ready = {
            "status": "ready",
            "version": description.version,
            "golden_rows": description.golden_rows,
            "runtime": description.runtime,
        }
        return Told(
            bundle,
            description,
            model=orjson.dumps(description.as_dict()),
            ready=ready,
            schema=orjson.dumps(schema_of_row(description)),
            openapi=orjson.dumps(self._document(bundle, description)),
        )
