"""The database keeps its triggers through migrations that build a table anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, models

from assets_app.library import schema
from assets_app.library.counting import count
from assets_app.library.finding import Shelf
from assets_app.library.query import LibraryQuery
from assets_app.models import Asset, Team


@pytest.mark.django_db(transaction=True)
def test_a_migration_may_build_the_assets_table_anew(team: Team, editor: User, make: Any) -> None:
    longer = models.CharField(max_length=201)
    longer.set_attributes_from_name("name")
    longer.model = Asset
    make("lantern one")
    schema.make_way(plan=["a migration"])
    with connection.schema_editor() as editor_of_schema:
        editor_of_schema.alter_field(Asset, Asset._meta.get_field("name"), longer)
    with connection.schema_editor() as editor_of_schema:
        editor_of_schema.alter_field(Asset, longer, Asset._meta.get_field("name"))
    make("lantern two")
    schema.install()
    make("lantern three")
    shelf = Shelf(team, editor, LibraryQuery(text="lantern"))
    assert len(shelf.page().numbers) == 3
    assert count(Shelf(team, editor, LibraryQuery())).number == 3


@pytest.mark.django_db(transaction=True)
def test_a_migrate_with_nothing_to_do_leaves_everything_in_place() -> None:

    def triggers() -> int:
        table = "sqlite_master WHERE type = 'trigger'" if connection.vendor == "sqlite" else "pg_trigger"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            return int(cursor.fetchone()[0])

    before = triggers()
    schema.make_way(plan=[])
    assert triggers() == before > 0
