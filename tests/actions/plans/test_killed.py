"""The database, or whoever publishes, is killed in the middle: all of it is there, or nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gridmap import cluster

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("GRIDMAP_KILLS", "4"))  # of each; GRIDMAP_KILLS=20 by hand


@pytest.mark.timeout(600 + 120 * KILLS)
def test_a_publication_is_whole_or_not_at_all(tmp_path: Path) -> None:
    home = tmp_path / "cluster"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
    environment = {**kept, "GRIDMAP_HOME": str(home), "GRIDMAP_DEBUG": "1"}
    environment |= {"DJANGO_SETTINGS_MODULE": "gridmap.settings", "GRIDMAP_DB_NAME": "gridmap"}
    keeper = [sys.executable, cluster.__file__]
    try:
        subprocess.run([*keeper, "start"], cwd=ROOT, env=environment, check=True)
        done = subprocess.run(
            [sys.executable, "-m", "tests.actions.plans.killing", str(KILLS)],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        subprocess.run([*keeper, "stop"], cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"{told['found']}\n")
    for found in told["found"].values():
        assert len(found) == KILLS
        assert set(found) <= {"nothing", "all"}
    assert told["whole"] != told["before"]  # the control: a whole one is seen
