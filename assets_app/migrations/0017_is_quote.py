"""Of each reason, whether it is the provider's own words. What was written before is known by how ours begin."""

from django.db import migrations, models
from django.db.models import Q

# As they stood until then.
OURS = (
    "Never sent, nothing charged: ",
    "The provider has no such job: ",
    "We could not find out whether the provider",
    "The provider was never heard to finish",
    "After a week the provider still says",
    "Given up when the team",
    "Said to have run",
    "Said never to have run",
    "Nobody knows whether",
    "Castboard's own fault: ",
    "Our own copy of the file is gone",
    "Still processing after 24 hours",
    "The provider gave no reason.",
    "The provider cannot be reached",
    "No connection in time",
    "No answer in time",
    "The connection broke",
    "The answer is",
)
OUR_ENDING = "Our own copy of the file is gone, so it cannot be sent again."
ENDED = ("failed", "expired")
AT_ONCE = 500


def _of_the_provider():
    ours = Q(reason="") | Q(reason__endswith=OUR_ENDING)
    for beginning in OURS:
        ours |= Q(reason__startswith=beginning)
    return ~ours


def mark_quotes(apps, schema_editor):
    using = schema_editor.connection.alias
    theirs = _of_the_provider()
    for name in ("Asset", "Generation"):
        rows = apps.get_model("assets_app", name).objects.using(using)
        rows.filter(theirs, state__in=ENDED).update(is_quote=True)
    events = apps.get_model("assets_app", "Event").objects.using(using)
    told = events.filter(theirs, subject="", to_state__in=ENDED).only("note").order_by("pk")
    marked = []
    for event in told.iterator(chunk_size=AT_ONCE):
        event.note = {**event.note, "quote": True}
        marked.append(event)
        if len(marked) == AT_ONCE:
            events.bulk_update(marked, ["note"])
            marked.clear()
    events.bulk_update(marked, ["note"])


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0016_prices_and_approval")]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="is_quote",
                field=models.BooleanField(
                    default=False, help_text="Whether the reason is in the provider's own words; else it is in ours."
                ),
            )
            for name in ("asset", "generation")
        ),
        migrations.RunPython(mark_quotes, migrations.RunPython.noop, elidable=True),
    ]
