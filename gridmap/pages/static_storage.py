"""Where collected files lie: bare of comments, packed, named by what is in them."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN = "gridmap/"
# Comments that begin a line, and what indents it. A comment inside a line is left: it may be text.
COMMENTS = re.compile(
    r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n|^[ \t]*//[^\n]*\n|^[ \t]+", re.MULTILINE | re.DOTALL
)


def bare(text: str) -> str:
    """Return one of our modules or sheets without comments and indents, a third of it."""
    return COMMENTS.sub("", text)


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Modules name one another by their hashed names too, so that browsers keep them for ever."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: File[bytes]) -> str:
        if name.startswith(OWN) and name.endswith((".js", ".css")):
            content.seek(0)  # its name was made of what was read
            text = bare(content.read().decode("utf-8"))
            return str(super()._save(name, ContentFile(text.encode("utf-8"))))
        return str(super()._save(name, content))

    def create_compressor(self, **options: Any) -> Compressor:
        """Pack with gzip alone: Brotli at its best takes a minute here and saves a tenth."""
        return Compressor(**{**options, "use_brotli": False})
