"""Tables of a real PostgreSQL, which the tests start themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.servers import PASSWORD, Server

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.source import OpenedSource, open_source


def opened(uri: str, folder: Path, **settings: object) -> OpenedSource:
    return open_source(DataSettings(source=uri, **settings), folder)  # type: ignore[arg-type]


def rows(source: OpenedSource) -> list[dict[str, object]]:
    return connect().to_pyarrow(source.table.order_by(ROW)).to_pylist()


def refusal(uri: str, folder: Path, **settings: object) -> UserError:
    with pytest.raises(UserError) as caught:
        opened(uri, folder, **settings)
    error = caught.value
    assert error.hint
    assert PASSWORD not in repr(error) + str(error)
    assert list(folder.iterdir()) == []
    return error


def test_a_table_comes_in_its_order_and_types(shop: Server, tmp_path: Path) -> None:
    source = opened(shop.uri, tmp_path, table="orders")
    facts = source.facts
    assert (facts.format, facts.rows, facts.encoding) == ("postgres", 300, None)
    kinds = {column.name: column.physical_type for column in facts.columns}
    assert kinds["id"] == "int32"
    assert kinds["day"].startswith("date32")
    assert (kinds["paid"], kinds["exact"]) == ("bool", "string")
    first, *_, last = rows(source)
    assert (first["id"], first["exact"], first["code"], first[ROW]) == (1, "0.3333333333", "00001", 0)
    assert (last["id"], last["code"], last[ROW]) == (300, None, 299)


def test_a_query_is_obeyed_with_its_order(shop: Server, tmp_path: Path) -> None:
    source = opened(shop.uri, tmp_path, query="SELECT id, city FROM orders WHERE paid ORDER BY id DESC;")
    assert [row["id"] for row in rows(source)][:3] == [300, 298, 296]


def test_a_table_may_stand_in_the_uri_or_in_another_schema(shop: Server, tmp_path: Path) -> None:
    assert opened(f"{shop.uri}?table=orders", tmp_path).facts.rows == 300
    assert rows(opened(shop.uri, tmp_path, table="My.Big Table"))[1] == {"order": 2, "At": "x", ROW: 1}
    assert opened(f"{shop.uri}?table=My.Big%20Table", tmp_path).facts.rows == 10
    odd = {"padded": 1, "two  words": "x", ROW: 0}
    assert rows(opened(shop.uri, tmp_path, table='My."v1.at ""us"" now"')) == [odd]
    asked = 'SELECT " padded ", "two  words" FROM "My"."v1.at ""us"" now" -- all of it'
    assert rows(opened(shop.uri, tmp_path, query=asked)) == [odd]


def test_a_variable_may_hold_the_whole_uri(
    shop: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", shop.uri.replace("${SHOP_PASSWORD}", "s3cr%2Ft%20p%40ss%3Aword%2541"))
    assert opened("${DATABASE_URL}", tmp_path, table="orders").facts.rows == 300
    error = refusal("${DATABASE_URL}", tmp_path, table="nowhere")
    assert error.where == "${DATABASE_URL}"
    assert "s3cr%2F" not in str(error)


def test_what_has_no_place_in_a_table_becomes_text_or_is_refused(shop: Server, tmp_path: Path) -> None:
    [row] = rows(opened(shop.uri, tmp_path, table="flat"))
    assert row["big"] == "12345678901234567890"
    assert (row["doc"], row["list"], row["tod"], row["nothing"]) == ('{"a": [1]}', "[1, 2]", "10:00:00", None)
    assert len(str(row["uid"])) == 36
    error = refusal(shop.uri, tmp_path, table="odd")
    assert (error.where, error.found) == (f"{shop.uri}, column address", "type inet")


def test_the_hash_is_that_of_the_content(shop: Server, tmp_path: Path) -> None:
    hashes = set()
    for run in range(3):
        snapshot = tmp_path / f"{run}.parquet"
        facts = open_source(DataSettings(source=shop.uri, table="orders"), tmp_path, snapshot=snapshot).facts
        assert facts.sha256 == hashlib.sha256(snapshot.read_bytes()).hexdigest()
        hashes.add(facts.sha256)
    assert len(hashes) == 1
    assert opened(shop.uri, tmp_path, query="SELECT * FROM orders LIMIT 9").facts.sha256 not in hashes


def test_a_query_cannot_write(shop: Server, tmp_path: Path) -> None:
    refusal(shop.uri, tmp_path, query="DELETE FROM orders RETURNING id")
    refusal(shop.uri, tmp_path, query="DROP TABLE orders")
    assert opened(shop.uri, tmp_path, table="orders").facts.rows == 300


@pytest.mark.parametrize(
    ("settings", "found", "hint"),
    [
        ({"table": "nowhere"}, 'relation "nowhere" does not exist', "schema.table"),
        ({"query": "SELEC 1"}, "syntax error", "data.query"),
        ({"table": "empty"}, "a header and no rows", ""),
        ({}, "no table and no query", "data.table"),
        ({"table": "orders", "query": "SELECT 1"}, "both", "leave one out"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "2 columns of one name", "rename"),
        ({"query": "SELECT '${UNSET_ONE}'"}, "no variable UNSET_ONE", "export"),
    ],
)
def test_a_wrong_question_is_told(
    shop: Server, tmp_path: Path, settings: dict[str, str], found: str, hint: str
) -> None:
    error = refusal(shop.uri, tmp_path, **settings)
    assert found in error.found
    assert hint in error.hint


def test_a_wrong_password_host_or_port_is_told_without_the_secret(
    shop: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = refusal(shop.uri.replace(f":{shop.port}/", ":1/"), tmp_path, table="orders")
    assert "start the server" in gone.hint
    away = refusal(shop.uri.replace("127.0.0.1", "no-such-host.invalid"), tmp_path, table="orders")
    assert "network" in away.hint
    monkeypatch.setenv("SHOP_PASSWORD", "a-wrong-one")
    wrong = refusal(shop.uri, tmp_path, table="orders")
    assert "right password" in wrong.hint
    assert "a-wrong-one" not in str(wrong)


def test_a_query_may_name_variables_and_errors_do_not_show_them(
    shop: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY", "c1")
    assert opened(shop.uri, tmp_path, query="SELECT * FROM orders WHERE city = '${CITY}'").facts.rows == 100
    monkeypatch.setenv("CITY", "token-in-a-query")
    error = refusal(shop.uri, tmp_path, query='SELECT "${CITY}" FROM orders')
    assert "token-in-a-query" not in str(error)
