"""Sending alarms to the sinks of the settings. A sink that fails keeps no look from being done: the alarms
stay unsent, and the next look tries again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line
from fullcycle.core.project.monitor_settings import SinkSettings
from fullcycle.core.sources.credentials import Secrets
from fullcycle.live.monitor.sinks.message import Message

TIMEOUT_S = 10
EVENT = "fullcycle_alarms"


def send(message: Message, sinks: SinkSettings, root: Path) -> list[str]:
    """Tell every sink; returns what went wrong, as a person should read it. A file is relative to `root`."""
    wrong = []
    for told in _sinks(sinks, root):
        try:
            told(message)
        except (OSError, ValueError, UserError) as error:
            wrong.append(str(error))
    return wrong


def _sinks(sinks: SinkSettings, root: Path) -> list[Callable[[Message], None]]:
    found: list[Callable[[Message], None]] = []
    if sinks.file is not None:
        path = root / sinks.file
        found.append(lambda message: _append(message, path))
    if sinks.webhook is not None:
        url = sinks.webhook
        found.append(lambda message: _post(message, url))
    return found


def _append(message: Message, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for alarm in message.alarms:
        append_line(path, message.facts(alarm))


def _post(message: Message, url: str) -> None:
    """As Slack takes it: `text` for people, `metadata` for programs."""
    secrets = Secrets()
    alarms = [message.facts(alarm) for alarm in message.alarms]
    body = {
        "text": message.text(),
        "metadata": {"event_type": EVENT, "event_payload": {"alarms": alarms}},
    }
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
            expected="a server that takes alarms",
            hint="they are sent again at the next look",
        ) from error
