"""The pages' files: whole, cached, and sent without a thread for each."""

import asyncio
import gzip
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import brotli
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import AsyncClient, Client
from whitenoise.middleware import WhiteNoiseMiddleware

from gridmap.pages.static_files import StaticFiles
from gridmap.pages.static_storage import Storage

PATH = "/static/gridmap/mark.svg"


def test_a_file_is_sent_whole_under_an_asynchronous_server() -> None:
    answer = asyncio.run(AsyncClient().get(PATH))
    assert answer.status_code == 200
    assert not answer.streaming
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content
    assert int(answer["Content-Length"]) == len(answer.content)


def test_what_a_browser_has_is_not_sent_again_and_a_part_can_be_asked_for(client: Client) -> None:
    whole = client.get(PATH)
    held = client.get(PATH, headers={"if-modified-since": whole["Last-Modified"]})
    assert (held.status_code, held.content) == (304, b"")
    part = client.get(PATH, headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, whole.content[:4])
    head = client.head(PATH)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.django_db  # closing a stream tells Django that a request has ended
def test_the_library_s_own_answer_is_a_stream(client: Client) -> None:
    # The control of the first test: with it an asynchronous server warns at every file.
    assert issubclass(StaticFiles, WhiteNoiseMiddleware)
    found = StaticFiles(lambda _request: HttpResponse()).find_file(PATH)
    request = client.get(PATH).wsgi_request
    stream = WhiteNoiseMiddleware.serve(found, request)
    assert stream.streaming
    stream.close()
    assert not StaticFiles.serve(found, request).streaming


def collected(folder: Path, files: dict[str, str]) -> Storage:
    storage = Storage(location=str(folder), base_url="/static/")
    for name, text in files.items():
        storage.save(name, ContentFile(text.encode()))
    for _name, _hashed, fault in storage.post_process({name: (storage, name) for name in files}):
        assert not isinstance(fault, Exception)
    return storage


def test_a_module_goes_out_small_and_packed_and_names_its_neighbour_for_ever(
    tmp_path: Path,
) -> None:
    one = (
        "/** One. */\nimport { two } from './two.js';\n"
        "/** @returns {import('nowhere').Thing} */\n"
        "export const kept = (longName) => `${two}中${longName}`;\n"
    )
    files = {"gridmap/one.js": one, "gridmap/two.js": f"export const two = '{'x' * 2000}';\n"}
    storage = collected(tmp_path, files)
    two, named = storage.stored_name("gridmap/two.js"), storage.stored_name("gridmap/one.js")
    text = (tmp_path / named).read_text()
    assert f'from "./{Path(two).name}"' in text
    assert "export const kept=" in text
    assert "中" in text
    assert not any(word in text for word in ("One.", "nowhere", "longName"))
    for pack, opened in ((".gz", gzip.decompress), (".br", brotli.decompress)):
        assert "xxx" in opened((tmp_path / f"{two}{pack}").read_bytes()).decode()


def test_a_sheet_goes_out_small_and_keeps_its_order(tmp_path: Path) -> None:
    sheet = "/* One. */\n.a {\n  color: #ff0000;\n}\n.a {\n  color: var(--b, 中);\n}\n"
    storage = collected(tmp_path, {"gridmap/one.css": sheet})
    text = (tmp_path / storage.stored_name("gridmap/one.css")).read_text().strip()
    assert text == ".a{color:red}.a{color:var(--b, 中)}"


def test_other_people_s_files_are_packed_as_they_lie(tmp_path: Path) -> None:
    text = "/* Theirs. */\nexport const long = 1;\n" * 40
    storage = collected(tmp_path, {"vendor/a-1.0/a.mjs": text, "admin/b.js": text})
    theirs, hidden = storage.stored_name("vendor/a-1.0/a.mjs"), storage.stored_name("admin/b.js")
    assert (tmp_path / theirs).read_text() == text
    assert (tmp_path / f"{theirs}.br").exists()
    # What only administrators load is not worth the time.
    assert not (tmp_path / f"{hidden}.br").exists()
    assert (tmp_path / f"{hidden}.gz").exists()


def test_a_module_that_is_none_stops_the_set_up(tmp_path: Path) -> None:
    with pytest.raises(CalledProcessError):
        collected(tmp_path, {"gridmap/one.js": "export const = 1;\n"})


def test_without_its_tool_the_set_up_says_what_to_do(tmp_path: Path, settings: Any) -> None:
    settings.ROOT = tmp_path
    with pytest.raises(ImproperlyConfigured, match="script/server --setup-only"):
        collected(tmp_path, {"gridmap/one.js": "export const a = 1;\n"})


def test_files_below_a_version_may_be_kept_for_ever_and_others_not() -> None:
    files = StaticFiles(lambda _request: HttpResponse())
    assert files.immutable_file_test("", "/static/vendor/maplibre-gl-6.17.0/maplibre-gl-worker.mjs")
    assert not files.immutable_file_test("", "/static/gridmap/store.js")
