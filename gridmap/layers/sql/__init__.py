"""SQL as plain files, each numbered like the migration that runs it."""

from pathlib import Path


def read(name: str) -> str:
    """Return the text of ``layers/sql/<name>.sql``."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
