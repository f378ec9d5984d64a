"""The one app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AssetsAppConfig(AppConfig):
    name = "assets_app"
    verbose_name = "Castboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assets_app import sign_in_log  # noqa: F401 (its receivers register themselves)
        from assets_app.library import schema
        from assets_app.startup import checks, schedules, versions  # noqa: F401 (checks registers itself)

        pre_migrate.connect(versions.refuse_later_version, sender=self)
        pre_migrate.connect(schema.make_way, sender=self)
        post_migrate.connect(schema.install, sender=self)
        post_migrate.connect(schedules.ensure, sender=self)
