"""Static files as they are really served: under hashed names, each module once."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import call_command

from apiframe_site.settings import BASE_DIR


def test_modules_import_each_other_by_the_names_that_pages_use(settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_DIRS = [BASE_DIR / "static"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "apiframe_site.static_files.HashedFiles"}}
    call_command("collectstatic", verbosity=0, interactive=False)
    hashed = [path for path in (tmp_path / "js").glob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    imported = [name for path in hashed for name in re.findall(r'from "(\./[^"]+)"', path.read_text())]
    assert imported
    assert all((tmp_path / "js" / name).exists() and re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)
