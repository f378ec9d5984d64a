"""The website with one more view: the empty one."""

from __future__ import annotations

from django.conf import settings

from apiframe_site.wsgi import application

settings.ROOT_URLCONF = "tests.benchmarks.inside.ticks"

__all__ = ["application"]
