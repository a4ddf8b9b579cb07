"""Servers, started once for each worker, and the rows of an opened source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import servers

SHOP = """
CREATE TABLE orders AS
SELECT i AS id, i * 0.5 AS price, (i::numeric / 3)::numeric(20, 10) AS exact, 'c' || i % 3 AS city,
  date '2024-01-01' + i AS day, timestamptz '2024-01-01 12:00+02' AS seen, i % 2 = 0 AS paid,
  CASE WHEN i % 5 > 0 THEN lpad(i::text, 5, '0') END AS code, 'yes' AS churn
FROM generate_series(1, 300) AS i ORDER BY i;
CREATE SCHEMA "My";
CREATE TABLE "My"."Big Table" AS SELECT i AS "order", 'x' AS "At" FROM generate_series(1, 10) AS i;
CREATE TABLE "My"."v1.at ""us"" now" AS SELECT 1 AS " padded ", 'x' AS "two  words";
CREATE TABLE odd AS SELECT 1 AS id, inet '10.0.0.1' AS address;
CREATE TABLE flat AS SELECT 7 AS id, gen_random_uuid() AS uid, '{"a": [1]}'::jsonb AS doc,
  ARRAY[1, 2] AS list, time '10:00' AS tod, 12345678901234567890::numeric AS big,
  '\\x01'::bytea AS raw, NULL::int AS nothing;
CREATE TABLE empty (id int);
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Server]:
    with servers.postgres() as server:
        server.run(SHOP)
        yield server


@pytest.fixture
def shop(postgres: servers.Server, monkeypatch: pytest.MonkeyPatch) -> servers.Server:
    """The server, with its password in the environment."""
    monkeypatch.setenv("SHOP_PASSWORD", servers.PASSWORD)
    return postgres
