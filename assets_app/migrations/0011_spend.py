from django.db import migrations
from django.db.models import F


def count_what_was_spent(apps, schema_editor):
    generations = apps.get_model("assets_app", "Generation").objects
    generations.filter(state="completed", credit_cost__isnull=False).update(spend=F("credit_cost"))
    uncharged = generations.exclude(state__in=["completed", "failed", "cancelled"]) | generations.filter(
        state="completed", credit_cost__isnull=True
    )
    uncharged.filter(estimate_high__isnull=False).update(spend=F("estimate_high"))


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0010_studio")]
    operations = [migrations.RunPython(count_what_was_spent, migrations.RunPython.noop, elidable=True)]
