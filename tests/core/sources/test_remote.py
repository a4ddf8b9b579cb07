"""The web, S3, Kaggle and UCI, by servers of the tests that answer as the real ones do."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.servers import send, web

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.kinds import check_source, local_files
from fullcycle.core.sources.source import OpenedSource, open_source

TABLE = b"id,churn\n001,yes\n002,no\n"


def opened(source: str, folder: Path, **settings: object) -> OpenedSource:
    return open_source(DataSettings(source=source, **settings), folder)  # type: ignore[arg-type]


def ids(source: OpenedSource) -> list[str]:
    return connect().to_pyarrow(source.table.order_by(ROW))["id"].to_pylist()


def refusal(source: str, folder: Path, **settings: object) -> UserError:
    with pytest.raises(UserError) as caught:
        opened(source, folder, **settings)
    assert caught.value.hint
    return caught.value


def test_a_table_of_the_web_is_read_as_a_local_one(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "t.csv").write_bytes(TABLE)
    (folder / "t.csv.gz").write_bytes(gzip.compress(TABLE))
    with web(folder=folder) as address:
        for name in ("t.csv", "t.csv.gz", "t.csv?download=1"):
            source = opened(f"{address}/{name}", tmp_path)
            assert ids(source) == ["001", "002"]
        assert "nothing there" in refusal(f"{address}/none.csv", tmp_path).found
    assert local_files(f"{address}/t.csv", tmp_path) == ()
    assert "offline" in refusal(f"{address}/t.csv", tmp_path).hint


def test_a_token_reaches_the_server_and_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.path)
        if "token=s3cret-token" in request.path:
            send(request, TABLE)
        else:
            send(request, b"", status=403)

    with web(answer) as address:
        monkeypatch.setenv("TOKEN", "s3cret-token")
        assert ids(opened(f"{address}/t.csv?token=${{TOKEN}}", tmp_path)) == ["001", "002"]
        monkeypatch.setenv("TOKEN", "expired-token")
        error = refusal(f"{address}/t.csv?token=${{TOKEN}}", tmp_path)
        assert "expired-token" not in repr(error)
        assert "403" in error.found
        written = refusal(f"{address}/t.csv?token=s3cret-token", tmp_path)
        assert "s3cret-token" not in repr(written)
    assert any("s3cret-token" in path for path in seen)


def test_a_download_that_ends_too_early_is_told(tmp_path: Path) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "9999")
        request.end_headers()
        request.wfile.write(TABLE)

    with web(answer) as address:
        refusal(f"{address}/t.csv", tmp_path)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that answers as S3 does, with two objects in a bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    key = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, **key)  # type: ignore[call-overload]
    client.create_bucket(Bucket="shop")
    client.put_object(Bucket="shop", Key="in/a.csv", Body=TABLE)
    client.put_object(Bucket="shop", Key="in/b.csv", Body=TABLE.replace(b"00", b"10"))
    yield address
    server.stop()


def test_objects_of_a_store_are_read_alone_and_by_a_glob(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    assert ids(opened("s3://shop/in/a.csv", tmp_path)) == ["001", "002"]
    several = opened("s3://shop/in/*.csv", tmp_path)
    assert ids(several) == ["001", "002", "101", "102"]
    assert [file.name for file in several.facts.files] == ["a.csv", "b.csv"]
    assert "nothing there" in refusal("s3://shop/in/none.csv", tmp_path).found
    assert "no object that matches" in refusal("s3://shop/none/*.csv", tmp_path).found
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "very-secret" not in repr(refusal("s3://shop/in/a.csv", tmp_path))


def as_kaggle(request: BaseHTTPRequestHandler) -> None:
    """What api.kaggle.com answers to kagglehub: the current version of a dataset, and a file of it."""
    length = int(request.headers.get("Content-Length") or 0)
    asked = json.loads(request.rfile.read(length) or b"{}")
    if asked.get("datasetSlug") != "iris":
        send(request, b'{"code": 404, "message": "Not found"}', "application/json", 404)
    elif request.path.endswith("/GetDataset"):
        send(request, b'{"currentVersionNumber": 2}', "application/json")
    elif request.path.endswith("/DownloadDataset"):
        assert asked["fileName"] == "Iris.csv"
        send(request, TABLE)
    else:
        send(request, b"", status=500)


def test_a_file_of_kaggle_comes_by_its_own_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kagglesdk import kaggle_env

    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    with web(as_kaggle) as address:
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.TEST, address)
        assert ids(opened("kaggle:uciml/iris/Iris.csv", tmp_path)) == ["001", "002"]
        error = refusal("kaggle:uciml/nothing/Iris.csv", tmp_path)
        assert error.found == "no such dataset or file"
    assert "offline" in refusal("kaggle:uciml/iris/Iris.csv", tmp_path).hint


def test_kaggle_without_permission_says_which_key_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kagglesdk import kaggle_env

    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    with web(lambda request: send(request, b"{}", "application/json", 403)) as address:
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.TEST, address)
        assert "KAGGLE_KEY" in refusal("kaggle:uciml/iris/Iris.csv", tmp_path).hint


def test_a_dataset_of_uci_comes_by_its_own_client_with_its_text_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ucimlrepo.fetch

    def answer(request: BaseHTTPRequestHandler) -> None:
        address = f"http://{request.headers['Host']}"
        if urlsplit(request.path).query == "id=53":
            send(request, json.dumps({"status": 200, "data": about(address)}).encode(), "application/json")
        elif request.path.startswith("/api"):
            send(request, b'{"status": 404, "message": "no such dataset"}', "application/json")
        else:
            send(request, TABLE)

    with web(answer) as address:
        monkeypatch.setattr(ucimlrepo.fetch, "API_BASE_URL", f"{address}/api/dataset")
        assert ids(opened("uci:53", tmp_path)) == ["001", "002"]
        assert "no such dataset" in refusal("uci:99", tmp_path).found
    assert "offline" in refusal("uci:53", tmp_path).hint
    assert refusal("uci:iris", tmp_path).expected.startswith("uci:ID")


def about(address: str) -> dict[str, object]:
    variables = [{"name": "id", "role": "ID"}, {"name": "churn", "role": "Target"}]
    return {
        "uci_id": 53,
        "name": "Iris",
        "data_url": f"{address}/static/public/53/data.csv",
        "variables": variables,
        "additional_info": None,
        "intro_paper": None,
    }


@pytest.mark.parametrize(
    ("source", "module", "extra"),
    [
        ("postgres://u@h/d?table=t", "adbc_driver_postgresql.dbapi", "postgres"),
        ("kaggle:a/b/c.csv", "kagglehub", "kaggle"),
        ("uci:53", "ucimlrepo", "uci"),
        ("s3://b/k.csv", "s3fs", "s3"),
    ],
)
def test_without_its_extra_a_source_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, module: str, extra: str
) -> None:

    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules["fsspec.registry"].__dict__["_registry"], "s3", raising=False)
    with pytest.raises(UserError) as caught:
        check_source(DataSettings(source=source), tmp_path)
    assert caught.value.hint == f"pip install 'fullcycle[{extra}]'"
