"""Settings as a real site has them: Django's own deployment check finds nothing to warn of."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REAL = {
    "GRIDMAP_SECRET_KEY": "k9-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "GRIDMAP_HOSTS": "grid.example",
    "GRIDMAP_ORIGINS": "https://grid.example",
    "GRIDMAP_HTTPS": "1",
}
COOKIES = """
SESSION_COOKIE_NAME CSRF_COOKIE_NAME TICKET_COOKIE SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE
SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE SESSION_COOKIE_PATH SESSION_COOKIE_DOMAIN DEBUG
"""
ASKED = COOKIES.split()


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "GRIDMAP_DEBUG"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, **REAL, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_warn_of() -> None:
    found = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout


def test_the_deployment_check_would_warn() -> None:
    found = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", GRIDMAP_HTTPS="0")
    assert found.returncode == 1
    assert "SECURE_HSTS_SECONDS" in found.stderr


def test_cookies_of_a_real_site_are_bound_to_its_host() -> None:
    source = (
        "import json; from gridmap import settings; "
        f"print(json.dumps({{name: getattr(settings, name, None) for name in {ASKED!r}}}))"
    )
    assert json.loads(run("-c", source).stdout) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "TICKET_COOKIE": "__Secure-gridmap_ticket",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": None,  # Django's own value: True
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": None,  # "/"
        "SESSION_COOKIE_DOMAIN": None,
        "DEBUG": False,
    }


def test_the_pages_files_can_be_collected_as_a_real_site_has_them(tmp_path: Path) -> None:
    found = run("manage.py", "collectstatic", "--no-input", GRIDMAP_STATIC_ROOT=str(tmp_path))
    assert found.returncode == 0, found.stderr
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    page = (tmp_path / names["gridmap/pages/map.js"]).read_text()
    assert Path(names["gridmap/pages/canvas.js"]).name in page, "what is loaded later is named"
    pieces = [name for name in names if name.startswith("gridmap/pieces/")]
    assert any(Path(names[name]).name in page for name in pieces)
    source = "import django; django.setup(); from gridmap.pages.modules import modules; "
    told = run(
        "-c",
        f"{source}print(*modules('gridmap/pages/map.js'))",
        GRIDMAP_STATIC_ROOT=str(tmp_path),
        DJANGO_SETTINGS_MODULE="gridmap.settings",
    )
    asked = set(told.stdout.split())
    assert "gridmap/pages/canvas.js" in asked, told.stderr
    assert asked <= {*pieces, "gridmap/pages/canvas.js"}, "a page asks for pieces, not for sources"
