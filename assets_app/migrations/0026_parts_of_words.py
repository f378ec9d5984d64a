"""What is in the library already is found by the parts of its words and by the pictures in its name as well.

Read from the rows themselves in batches, each written with one statement: 100,000 assets take seconds.
"""

from django.db import migrations

from assets_app.models.words import MOST_WORDS, findable_words

BATCH = 2_000


def find_by_parts(apps, schema_editor):
    assets = apps.get_model("assets_app", "Asset").objects.using(schema_editor.connection.alias).order_by("number")
    last = -1
    while rows := list(assets.filter(number__gt=last).values_list("number", "words", "name", "notes")[:BATCH]):
        last = rows[-1][0]
        found = ((number, words, " ".join(_found_by(words, name, notes))) for number, words, name, notes in rows)
        _write(schema_editor.connection, [(after, number) for number, before, after in found if after != before])


def _found_by(words, name, notes):
    return findable_words(f"{words} {name} {notes}")[:MOST_WORDS]


def _write(connection, rows):
    """PostgreSQL's triggers are for statements, so all rows go in one; SQLite has none while migrations run."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE assets_app_asset SET words = given.words"
                " FROM unnest(%s::text[], %s::bigint[]) AS given(words, number)"
                " WHERE assets_app_asset.number = given.number",
                [list(column) for column in zip(*rows, strict=True)] if rows else [[], []],
            )
        else:
            cursor.executemany("UPDATE assets_app_asset SET words = %s WHERE number = %s", rows)


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0025_mail")]

    operations = [migrations.RunPython(find_by_parts, migrations.RunPython.noop, elidable=True)]
