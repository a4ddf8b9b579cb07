"""Credentials come from the environment: `${NAME}` is expanded where it is used, and written down nowhere.

What a person wrote (`settings.source`) is safe to show, because a literal password is refused. What was
expanded may come back in the message of a library: `Secrets.redact` puts the name in its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from fullcycle.core.errors import UserError

VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")
USERINFO = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+://)(?P<user>[^/?#\s]*?):(?P<secret>[^/?#\s]*)@")
PARAMETER = re.compile(
    r"(?P<name>[?&;](?:password|passwd|pwd|sslpassword|token|access_token|api_key|apikey|key|secret|sig|signature"
    r"|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature)=)(?P<secret>[^&;#\s]+)",
    re.IGNORECASE,
)
MASK = "***"
SHORT = 4  # a value of fewer characters is replaced as a whole word only: "a" is in every message


class Secrets:
    """Values that came from the environment, by name; `redact` is the one way to show a text beside them."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._shown: dict[str, str] = {}  # what must not be shown, and what is shown instead

    def expand(self, text: str, key: str) -> str:
        """`text` with each `${NAME}` replaced; in a URI's user and password it is quoted as a URI asks for.

        Raises UserError where a variable isn't set, or where a password stands in the text literally.
        """
        refuse_literal(text, key)
        if VARIABLE.fullmatch(text.strip()):
            return self._whole(text.strip(), key)
        authority = USERINFO.match(text)
        end = authority.end() if authority else 0
        return self._replaced(text[:end], key, quoted=True) + self._replaced(text[end:], key, quoted=False)

    def redact(self, text: str) -> str:
        """The text without any value that was expanded, and without what looks like a password in a URI."""
        for value in sorted(self._shown, key=len, reverse=True):
            pattern = re.escape(value) if len(value) >= SHORT else rf"(?<!\w){re.escape(value)}(?!\w)"
            text = re.sub(pattern, lambda _, shown=self._shown[value]: shown, text)  # type: ignore[misc]
        return masked(text)

    def _whole(self, text: str, key: str) -> str:
        """A variable that holds all of a URI: its password is to be hidden by itself, too."""
        uri = self._replaced(text, key, quoted=False)
        written = USERINFO.match(uri)
        if written:
            for form in (written["secret"], unquote(written["secret"])):
                self._hide(form, MASK)
        for parameter in PARAMETER.finditer(uri):
            self._hide(parameter["secret"], MASK)
        return uri

    def _replaced(self, text: str, key: str, *, quoted: bool) -> str:
        def value(match: re.Match[str]) -> str:
            name = match["name"]
            found = self._environment.get(name)
            if found is None:
                raise unset(name, key)
            for form in (found, quote(found, safe="")):
                self._hide(form, match[0])
            return quote(found, safe="") if quoted else found

        return VARIABLE.sub(value, text)

    def _hide(self, value: str, shown: str) -> None:
        if value:
            self._shown.setdefault(value, shown)


def has_variables(text: str) -> bool:
    """True if something in it comes from the environment."""
    return VARIABLE.search(text) is not None


def masked(text: str) -> str:
    """A text whose URIs show no password.

    >>> masked("postgres://app:hunter2@db/shop?table=orders")
    'postgres://app:***@db/shop?table=orders'
    """
    anywhere = re.compile(USERINFO.pattern.removeprefix("^"))
    text = anywhere.sub(lambda match: f"{match['scheme']}{match['user']}:{_kept(match['secret'])}@", text)
    return PARAMETER.sub(lambda match: match["name"] + _kept(match["secret"]), text)


def _kept(secret: str) -> str:
    return secret if not VARIABLE.sub("", secret) else MASK


def refuse_literal(text: str, key: str) -> None:
    """UserError for a password that stands in the text itself; the error doesn't repeat it."""
    if masked(text) == text:
        return
    raise UserError(
        where=key,
        found=f"a password written out in {masked(text)!r}",
        expected="${NAME}, which is taken from the environment when it is used",
        hint="put it into a variable (`export DB_PASSWORD=...`) and write ${DB_PASSWORD} in its place; on a "
        "command line in single quotes, so that the shell leaves it alone",
    )


def unset(name: str, key: str) -> UserError:
    """A variable that a source names and the environment lacks."""
    return UserError(
        where=key,
        found=f"${{{name}}}, and no variable {name} in the environment",
        expected="every variable that the source names",
        hint=f"type `export {name}=...`, then the same command again",
    )


def variables(text: str) -> list[str]:
    """Names of the variables in a text, in order."""
    return [match["name"] for match in VARIABLE.finditer(text)]


def host_of(uri: str) -> str:
    """Host and port of a URI, for messages."""
    return urlsplit(uri).netloc.rpartition("@")[2]
