from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0012_draft_of")]
    operations = [
        migrations.AddField(
            model_name="original",
            name="cut",
            field=models.JSONField(
                blank=True, help_text="What part of the file of the asset it is cut from it is to be.", null=True
            ),
        ),
    ]
