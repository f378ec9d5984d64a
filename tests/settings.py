"""Settings for the test suite: the real ones, with a data directory of its own and cheap password hashing."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def _directory_of_this_run() -> str:
    directory = tempfile.mkdtemp(prefix="castboard-tests-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


os.environ["DATA_DIR"] = os.environ.get("CASTBOARD_TEST_DATA_DIR") or _directory_of_this_run()
for name in (
    "PORT",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "APIFRAME_API_KEY",
    "APIFRAME_BASE_URL",
    "APIFRAME_REQUESTS_PER_MINUTE",
    "REDIS_URL",
):
    os.environ.pop(name, None)

from apiframe_site.settings import *  # noqa: E402, F403
from apiframe_site.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# The plain storage needs no collected files, and whitenoise then warns of a directory that is not there.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A real file in WAL mode: an in-memory database hides every locking mistake.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    # It may be lost with the machine; without this the suite would mostly wait for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
