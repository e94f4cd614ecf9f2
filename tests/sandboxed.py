"""What needs the sandbox that files of strangers are read in."""

import pytest

from gridmap.geo import sandbox

needs_sandbox = pytest.mark.skipif(
    sandbox.sandbox_fault() is not None, reason="this machine has no working sandbox"
)
