"""Keys with roles, and how often a caller may ask."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app
from fullcycle.live.serve import keys as module
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.keys import LOOK_EVERY_S, Key, KeyCheck, Keyring, load_keys, new_key, parse_keys
from fullcycle.live.serve.problems import Problem
from fullcycle.live.serve.rate import PLACES, RateCheck, shared_buckets
from fullcycle.live.serve.server import refuse_open_door

Row = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[str, Key]]:
    return {role: new_key(f"a-{role}", [role]) for role in module.ROLES}


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory: pytest.TempPathFactory, made: dict[str, tuple[str, Key]]) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.txt"
    path.write_text("# who may ask\n" + "".join(f"{key.as_line()}\n" for _, key in made.values()))
    return path


@pytest.fixture
def asked(make_client: Callable[..., Any], bundle_folder: Path, keys_file: Path) -> Any:
    return make_client(create_app(bundle_folder, ServeSettings(keys_file=str(keys_file))))


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_a_file_holds_no_key_but_its_hash(made: dict[str, tuple[str, Key]], keys_file: Path) -> None:
    for secret, key in made.values():
        assert secret not in keys_file.read_text()
        assert key.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert len({secret for secret, _ in made.values()}) == 3
    assert load_keys(str(keys_file)) == tuple(key for _, key in made.values())


def test_a_known_key_is_answered_by_either_header(asked: Any, row: Row, made: Any) -> None:
    secret = made["predict"][0]
    for headers in (bearer(secret), {"authorization": f"bearer  {secret}"}, {"x-api-key": secret}):
        assert asked.post("/predict", json=row, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer "},
        {"authorization": "Basic YTpi"},
        bearer("fck_nothing"),
        {"x-api-key": "é"},
    ],
)
def test_without_a_known_key_the_answer_is_a_401(asked: Any, row: Row, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in (("POST", "/predict"), ("GET", "/model"), ("GET", "/metrics"), ("GET", "/none")):
        answer = asked.request(method, path, headers=sent, **({"json": row} if method == "POST" else {}))
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "/docs#unauthorized"


def test_a_key_of_another_role_is_a_403_that_names_the_role(asked: Any, row: Row, made: Any) -> None:
    answer = asked.post("/predict", json=row, headers=bearer(made["feedback"][0]))
    assert answer.status_code == 403
    assert "expected predict" in answer.json()["detail"]
    assert "--role predict" in answer.json()["hint"]
    assert asked.get("/model", headers=bearer(made["feedback"][0])).status_code == 200
    assert asked.post("/feedback", headers=bearer(made["predict"][0])).status_code == 403
    assert asked.post("/predict", json=row, headers=bearer(made["admin"][0])).status_code == 200


def test_health_and_the_page_need_no_key(asked: Any) -> None:
    for path in ("/health/live", "/health/ready", "/docs"):
        assert asked.get(path).status_code == 200
    assert asked.get("/").headers["location"] == "docs"


def test_every_known_hash_is_compared_whichever_was_sent(
    asked: Any, row: Row, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bytes] = []

    def compare(known: bytes, sent: bytes) -> bool:
        compared.append(known)
        return real(known, sent)

    real = hmac.compare_digest
    monkeypatch.setattr(module.hmac, "compare_digest", compare)
    asked.post("/predict", json=row, headers=bearer(made["predict"][0]))
    assert compared == [key.digest.encode() for _, key in made.values()]


def test_openapi_says_that_a_key_is_needed(asked: Any, made: Any, client: Any) -> None:
    document = asked.get("/openapi.json", headers=bearer(made["admin"][0])).json()
    assert document["security"] == [{"key": []}]
    told = document["paths"]["/predict"]["post"]["responses"]
    assert {"401", "403"} <= set(told)
    assert {kind for status, each in told.items() if status != "200" for kind in each["content"]} == {
        "application/problem+json"
    }
    v2 = document["paths"]["/v2/models/{name}"]["get"]["responses"]
    assert {kind for each in v2.values() for kind in each.get("content", ())} == {"application/json"}
    assert "security" not in client.get("/openapi.json").json()


def test_keys_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch, made: Any) -> None:
    monkeypatch.setenv(module.VARIABLE, ";".join(key.as_line() for _, key in made.values()))
    assert [key.name for key in load_keys(None)] == ["a-predict", "a-feedback", "a-admin"]


@pytest.mark.parametrize(
    "line",
    ["secret", "a predict", "a,b predict sha256:0", "a root sha256:" + "0" * 64, "a predict " + "0" * 64],
)
def test_a_line_that_is_no_key_is_named_by_its_place_and_never_repeated(line: str) -> None:
    with pytest.raises(UserError, match="a file, line 2") as raised:
        parse_keys(f"# keys\n{line}", "a file")
    assert line not in str(raised.value)


def test_a_name_twice_and_a_file_that_cannot_be_read_are_errors(made: Any, tmp_path: Path) -> None:
    line = made["predict"][1].as_line()
    with pytest.raises(UserError, match="a-predict twice"):
        parse_keys(f"{line}\n{line}", "a file")
    with pytest.raises(UserError, match=r"serve\.keys_file"):
        load_keys(str(tmp_path))


@pytest.fixture
def followed(tmp_path: Path) -> tuple[Path, list[float], KeyCheck]:
    """A file that is not there yet, a clock, and who asks for its keys."""
    path, now = tmp_path / "keys.txt", [100.0]
    return path, now, KeyCheck(Keyring(str(path), clock=lambda: now[0]))


def keep(path: Path, *keys: Key) -> None:
    write_text_atomically(path, "".join(f"{key.as_line()}\n" for key in keys))


def test_a_key_that_is_made_or_removed_holds_at_the_next_look(
    followed: tuple[Path, list[float], KeyCheck], made: dict[str, tuple[str, Key]]
) -> None:
    path, now, check = followed
    first, second = made["predict"], made["admin"]
    check(caller("anybody"))  # nobody is asked as long as there is no key
    keep(path, first[1])
    check(caller("anybody"))  # nor looked at for each request
    now[0] += LOOK_EVERY_S
    with pytest.raises(Problem, match="found no key"):
        check(caller("anybody"))
    check(caller("a", first[0]))
    keep(path, second[1])
    now[0] += LOOK_EVERY_S
    with pytest.raises(Problem, match="not known"):
        check(caller("a", first[0]))
    check(caller("b", second[0]))
    assert LOOK_EVERY_S < 1


def test_a_door_that_was_closed_stays_closed_and_a_damaged_file_changes_nothing(
    followed: tuple[Path, list[float], KeyCheck], made: dict[str, tuple[str, Key]]
) -> None:
    path, now, check = followed
    secret, key = made["predict"]
    keep(path, key)
    for content in (None, "damaged"):
        if content is not None:
            path.write_text(content)
        now[0] += LOOK_EVERY_S
        check(caller("a", secret))
    path.unlink()
    now[0] += LOOK_EVERY_S
    for sent in ("", secret):
        with pytest.raises(Problem):
            check(caller("a", sent))


def test_keys_open_the_door_to_other_machines(keys_file: Path) -> None:
    with pytest.raises(UserError, match="fullcycle keys new"):
        refuse_open_door("0.0.0.0", ServeSettings())
    refuse_open_door("0.0.0.0", ServeSettings(keys_file=str(keys_file)))


def test_without_key_asks_nobody(
    make_client: Callable[..., Any], bundle_folder: Path, keys_file: Path, row: Row
) -> None:
    client = make_client(create_app(bundle_folder, ServeSettings(keys_file=str(keys_file), without_key=True)))
    assert client.post("/predict", json=row).status_code == 200


def caller(name: str, secret: str = "") -> Asked:
    async def receive() -> dict[str, Any]:
        raise AssertionError

    return Asked("POST", "/predict", {b"x-api-key": secret.encode()}, receive, "id", name)


def test_a_bucket_fills_at_its_rate_and_each_caller_has_its_own() -> None:
    now = 100.0
    check = RateCheck(per_second=2, burst=3, clock=lambda: now)
    for _ in range(3):
        check(caller("a"))
    with pytest.raises(Problem) as refused:
        check(caller("a"))
    assert (refused.value.kind.status, refused.value.headers) == (429, {"retry-after": "1"})
    check(caller("b"))
    now += 0.5  # one token
    check(caller("a"))
    with pytest.raises(Problem):
        check(caller("a"))
    now += 1000  # never more than a burst
    for _ in range(3):
        check(caller("a"))
    with pytest.raises(Problem):
        check(caller("a"))


def test_callers_without_end_take_no_more_memory_and_one_that_went_on_asking_is_known() -> None:
    check = RateCheck(per_second=1, burst=2, clock=lambda: 0.0)
    size = len(check._memory)
    check(caller("eager"))
    check(caller("eager"))
    for number in range(2_000):
        check(caller(str(number)))
    with pytest.raises(Problem):
        check(caller("eager"))
    for number in range(2 * PLACES):  # more than there are places: the fullest buckets are given up
        check(caller(f"other-{number}"))
    assert len(check._memory) == size


def test_all_who_share_the_buckets_count_together() -> None:
    with shared_buckets() as file:
        workers = [RateCheck(per_second=1, burst=3, shared=file, clock=lambda: 7.0) for _ in range(2)]
        for number in range(3):
            workers[number % 2](caller("a"))
        for worker in workers:
            with pytest.raises(Problem):
                worker(caller("a"))
            worker(caller("b"))
    assert not file.exists()


def test_a_caller_that_asks_too_often_gets_a_429_over_http(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row
) -> None:
    settings = ServeSettings(requests_per_s=0.01, requests_at_once=2)
    client = make_client(create_app(bundle_folder, settings))
    codes = [client.post("/predict", json=row).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert int(client.post("/predict", json=row).headers["retry-after"]) > 50
    assert client.get("/health/ready").status_code == 200
    assert "429" in ServeSettings.model_fields["requests_per_s"].description
