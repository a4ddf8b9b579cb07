"""What comes from the environment is used and never shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.errors import UserError
from fullcycle.core.sources.credentials import Secrets, masked, refuse_literal

SECRET = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=4, max_size=30)


@given(SECRET.filter(lambda text: "${" not in text and not set(text) & set("*")))
def test_whatever_was_expanded_is_taken_out_again(secret: str) -> None:
    secrets = Secrets({"PW": secret})
    uri = secrets.expand("postgres://app:${PW}@db/shop", "data.source")
    assert uri == f"postgres://app:{quote(secret, safe='')}@db/shop"
    if secret not in "postgres://app:${PW}@db/shop the server said: no":
        shown = secrets.redact(f"{uri} the server said: no {secret}")
        assert secret not in shown
        assert quote(secret, safe="") not in shown


def test_a_variable_outside_of_the_authority_is_taken_as_it_is() -> None:
    secrets = Secrets({"DIR": "a b/ü", "PW": "p@ss"})
    assert secrets.expand("${DIR}/x.csv", "k") == "a b/ü/x.csv"
    assert secrets.expand("postgres://u:${PW}@h/${DIR}", "k") == "postgres://u:p%40ss@h/a b/ü"


def test_a_short_value_is_taken_out_as_a_word_alone() -> None:
    secrets = Secrets({"PW": "a"})
    secrets.expand("postgres://u:${PW}@h/d", "k")
    assert secrets.redact("password a failed at host") == "password ${PW} failed at host"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://app:hunter2@db/shop", "postgres://app:***@db/shop"),
        ("https://h/t.csv?token=abc&x=1", "https://h/t.csv?token=***&x=1"),
        ("s3://key:secret@bucket/x", "s3://key:***@bucket/x"),
        ("postgres://app:x${PW}@db/shop", "postgres://app:***@db/shop"),
    ],
)
def test_a_literal_password_is_refused_and_not_repeated(text: str, shown: str) -> None:
    assert masked(text) == shown
    with pytest.raises(UserError) as caught:
        refuse_literal(text, "data.source")
    assert "hunter2" not in str(caught.value)
    assert shown in caught.value.found
    assert "${DB_PASSWORD}" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["data/a:b@c.csv", "postgres://app@db/shop", "postgres://app:${PW}@db/s", "https://h:8080/t.csv?page=2"],
)
def test_what_holds_no_password_is_left_alone(text: str) -> None:
    refuse_literal(text, "data.source")
    assert masked(text) == text


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(UserError, match="no variable NOPE"):
        Secrets({}).expand("${NOPE}", "data.source")
