"""What the tests of the demo share: the hamlet's files, and loading them."""

from pathlib import Path

import pytest

from gridmap.actions.demo import load_demo
from gridmap.layers.postings import operator_scope
from tests import hamlet
from tests.hamlet import Load


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return hamlet.write(tmp_path)


def watched(step: str, share: float) -> None:
    """Holds what the bar is told."""
    assert step
    assert 0 <= share <= 1


@pytest.fixture
def load(db: None, files: Path) -> Load:
    """Loads the hamlet; takes the arguments of load_demo."""

    def loaded(**given: bool) -> dict[str, int]:
        return load_demo(by=operator_scope(), on_progress=watched, fixtures_dir=files, **given)

    return loaded
