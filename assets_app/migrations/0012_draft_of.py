from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0011_spend")]
    operations = [
        migrations.AddField(
            model_name="generation",
            name="draft_of",
            field=models.JSONField(
                blank=True,
                help_text="What a draft stands for: the model and params that it is made final with.",
                null=True,
            ),
        ),
    ]
