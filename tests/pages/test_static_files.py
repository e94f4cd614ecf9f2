"""The pages' files: whole, cached, and sent without a thread for each."""

import asyncio
import gzip
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
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
    lying = StaticFilesStorage(location=str(folder / "lying"), base_url="/static/")
    storage = Storage(location=str(folder / "collected"), base_url="/static/")
    for name, text in files.items():
        for place in (lying, storage):
            place.delete(name)
            place.save(name, ContentFile(text.encode()))
    for _name, _hashed, fault in storage.post_process({name: (lying, name) for name in files}):
        assert not isinstance(fault, Exception)
    return storage


def written(storage: Storage, name: str, pack: str = "") -> bytes:
    return Path(f"{storage.path(storage.stored_name(name))}{pack}").read_bytes()


COMMON = "export const two = '" + "x" * 2000 + "';\n"


def test_a_module_goes_out_small_and_packed_and_names_its_neighbour_for_ever(
    tmp_path: Path,
) -> None:
    one = (
        "/** One. */\nimport { two } from './two.js';\n"
        "/** @returns {import('nowhere').Thing} */\n"
        "export const kept = (longName) => `${two}中${longName}`;\n"
    )
    storage = collected(tmp_path, {"gridmap/one.js": one, "gridmap/two.js": COMMON})
    text = written(storage, "gridmap/one.js").decode()
    assert f'from "./{Path(storage.stored_name("gridmap/two.js")).name}"' in text
    assert "export const kept=" in text
    assert "中" in text
    assert not any(word in text for word in ("One.", "nowhere", "longName"))
    for pack, opened in ((".gz", gzip.decompress), (".br", brotli.decompress)):
        assert b"xxx" in opened(written(storage, "gridmap/two.js", pack))


def test_a_page_s_script_brings_its_modules_and_shares_what_others_need_too(
    tmp_path: Path,
) -> None:
    page = (
        "import { two } from '../two.js';\nimport { own } from '../own.js';\nown(two);\n"
        "const { late } = await import('./later.js');\nown(late);\n"
    )
    later = "import { two } from '../two.js';\nexport const late = two;\n"
    files = {
        "gridmap/two.js": COMMON,
        "gridmap/own.js": "export const own = (value) => document.write(`own${value}`);\n",
        "gridmap/pages/page.js": page,
        "gridmap/pages/later.js": later,
    }
    storage = collected(tmp_path, files)
    pieces = [name for name in storage.hashed_files if name.startswith("gridmap/pieces/")]
    assert len(pieces) == 1, "what both import is one piece, and stands once"
    assert b"xxx" in written(storage, pieces[0])
    text = written(storage, "gridmap/pages/page.js").decode()
    assert "`own${" in text
    assert f'from "../pieces/{Path(storage.stored_name(pieces[0])).name}"' in text
    assert f'import("./{Path(storage.stored_name("gridmap/pages/later.js")).name}")' in text
    assert "xxx" not in text


def test_a_changed_module_changes_the_pages_that_bring_it(tmp_path: Path) -> None:
    files = {
        "gridmap/own.js": "export const own = 1;\n",
        "gridmap/pages/page.js": "import { own } from '../own.js';\nalert(own);\n",
    }
    before = collected(tmp_path, files).stored_name("gridmap/pages/page.js")
    files["gridmap/own.js"] = "export const own = 2;\n"
    storage = collected(tmp_path, files)
    assert storage.stored_name("gridmap/pages/page.js") != before
    assert b"alert(2)" in written(storage, "gridmap/pages/page.js")


def test_a_sheet_goes_out_small_and_keeps_its_order(tmp_path: Path) -> None:
    sheet = "/* One. */\n.a {\n  color: #ff0000;\n}\n.a {\n  color: var(--b, 中);\n}\n"
    storage = collected(tmp_path, {"gridmap/one.css": sheet})
    text = written(storage, "gridmap/one.css").decode().strip()
    assert text == ".a{color:red}.a{color:var(--b, 中)}"


def test_other_people_s_files_are_packed_as_they_lie(tmp_path: Path) -> None:
    text = "/* Theirs. */\nexport const long = 1;\n" * 40
    storage = collected(tmp_path, {"vendor/a-1.0/a.mjs": text, "admin/b.js": text})
    assert written(storage, "vendor/a-1.0/a.mjs").decode() == text
    assert brotli.decompress(written(storage, "vendor/a-1.0/a.mjs", ".br")).decode() == text
    # What only administrators load is not worth the time.
    assert gzip.decompress(written(storage, "admin/b.js", ".gz")).decode() == text
    assert not Path(f"{storage.path(storage.stored_name('admin/b.js'))}.br").exists()


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
