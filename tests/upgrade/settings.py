"""The product's own settings, for pages that are looked at without a server: the files beside them are as they are."""

from __future__ import annotations

from apiframe_site.settings import *  # noqa: F403
from apiframe_site.settings import STATIC_ROOT, STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(exist_ok=True)
LOGGING = {"version": 1, "loggers": {"django.request": {"level": "ERROR"}}}  # a file that is gone is a fact, no news
