"""Addresses are looked up in small letters: one that was kept as it was typed, with capitals, was found by nobody."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower


def to_small_letters(apps: Any, _editor: Any) -> None:
    for app, model in ((settings.AUTH_USER_MODEL.split(".")[0], "User"), ("account", "EmailAddress")):
        rows = apps.get_model(app, model).objects
        rows.exclude(email=Lower(F("email"))).update(email=Lower(F("email")))


class Migration(migrations.Migration):
    dependencies = [
        ("assets_app", "0026_parts_of_words"),
        ("account", "0009_emailaddress_unique_primary_email"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(to_small_letters, migrations.RunPython.noop)]
