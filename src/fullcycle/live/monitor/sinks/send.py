"""Sending to the sinks of the settings. A sink that fails keeps no look from being done: alarms stay unsent
then, and the next look tries again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line
from fullcycle.core.project.monitor_settings import SinkSettings
from fullcycle.core.sources.credentials import Secrets
from fullcycle.live.monitor.sinks.message import Told

TIMEOUT_S = 10


def send(told: Told, sinks: SinkSettings, root: Path) -> list[str]:
    """Tell every sink; returns what went wrong, as a person should read it. A file is relative to `root`."""
    wrong = []
    for tell in _sinks(sinks, root):
        try:
            tell(told)
        except (OSError, ValueError, UserError) as error:
            wrong.append(str(error))
    return wrong


def _sinks(sinks: SinkSettings, root: Path) -> list[Callable[[Told], None]]:
    found: list[Callable[[Told], None]] = []
    if sinks.file is not None:
        path = root / sinks.file
        found.append(lambda told: _append(told, path))
    if sinks.webhook is not None:
        url = sinks.webhook
        found.append(lambda told: _post(told, url))
    return found


def _append(told: Told, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for item in told.items:
        append_line(path, item)


def _post(told: Told, url: str) -> None:
    """As Slack takes it: `text` for people, `metadata` for programs."""
    secrets = Secrets()
    payload = {"event_type": told.event, "event_payload": {told.kind: told.items}}
    body = {"text": told.text, "metadata": payload}
    address = secrets.expand(url, "monitor.sinks.webhook")
    if not address.startswith(("http://", "https://")):
        raise UserError(
            where="monitor.sinks.webhook", found=secrets.redact(address), expected="an http(s) address"
        )
    request = urllib.request.Request(
        address,
        json.dumps(body, default=str).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            return
    except OSError as error:
        raise UserError(
            where="monitor.sinks.webhook",
            found=secrets.redact(str(error)),
            expected="a server that takes messages",
            hint="alarms are sent again at the next look",
        ) from error
