"""The same key meets the same model, a larger share only adds keys, and shares are kept."""

from __future__ import annotations

import pytest

from fullcycle.live.routes.choose import chooser, key_of

KEYS = [f"customer {number}" for number in range(4000)]


def with_challenger(salt: str = "salt", version: str = "b", share: float = 0.1) -> set[str]:
    chooses = chooser(salt, version, share)
    return {key for key in KEYS if chooses(key)}


def test_the_share_is_kept() -> None:
    for share in (0.05, 0.5):
        expected, deviation = share * len(KEYS), (share * (1 - share) * len(KEYS)) ** 0.5
        assert abs(len(with_challenger(share=share)) - expected) < 4 * deviation


def test_a_key_stays_where_it_was_when_the_share_grows() -> None:
    assert with_challenger() == with_challenger()
    assert with_challenger(share=0.1) < with_challenger(share=0.3)


def test_another_challenger_and_another_salt_meet_other_keys() -> None:
    first = with_challenger(share=0.5)
    for others in (with_challenger(share=0.5, version="c"), with_challenger(share=0.5, salt="other")):
        assert 0.2 < len(first & others) / len(KEYS) < 0.3


def test_without_a_key_chance_decides_and_a_whole_share_is_everybody() -> None:
    chooses = chooser("salt", "b", 0.5)
    assert {chooses(None) for _ in range(100)} == {True, False}
    everybody = chooser("salt", "b", 1.0)
    assert all(everybody(key) for key in (*KEYS, None))


@pytest.mark.parametrize("value", [7, 7.0, "7", " 7 "])
def test_a_customer_is_the_same_as_a_number_and_as_a_text(value: object) -> None:
    assert key_of(value) == "7"


def test_a_missing_value_is_no_key() -> None:
    assert key_of(None) is key_of("") is None
