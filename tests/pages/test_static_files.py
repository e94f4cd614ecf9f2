"""The pages' files: whole, cached, and sent without a thread for each."""

import asyncio
import gzip
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import AsyncClient, Client
from whitenoise.middleware import WhiteNoiseMiddleware

from gridmap.pages.static_files import StaticFiles
from gridmap.pages.static_storage import Storage, bare

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


def test_a_module_goes_out_bare_and_packed_and_names_its_neighbour_for_ever(tmp_path: Path) -> None:
    storage = Storage(location=str(tmp_path), base_url="/static/")
    one = (
        "/** One. */\nimport { two } from './two.js';\nexport const a = /** @type {any} */ (two);\n"
    )
    files = {"gridmap/one.js": one, "gridmap/two.js": f"export const two = '{'x' * 2000}';\n"}
    for name, text in files.items():
        storage.save(name, ContentFile(text.encode()))
    for _name, _hashed, fault in storage.post_process({name: (storage, name) for name in files}):
        assert not isinstance(fault, Exception)
    two, named = storage.stored_name("gridmap/two.js"), storage.stored_name("gridmap/one.js")
    text = (tmp_path / named).read_text()
    assert text.startswith("import { two } from ")
    assert Path(two).name in text
    assert "/** @type {any} */ (two)" in text
    assert "xxx" in gzip.decompress((tmp_path / f"{two}.gz").read_bytes()).decode()


def test_only_what_is_no_code_is_left_out() -> None:
    kept = ["x = '/* kept */'; // kept\n", "/** @type {A} */ (z).y = 1;\n", "q();\n"]
    code = f"/* a\n b */\n  {kept[0]}  // gone\n  {kept[1]}/** c */\n\t{kept[2]}"
    assert bare(code) == "".join(kept)
