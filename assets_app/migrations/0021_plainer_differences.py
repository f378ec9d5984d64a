from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assets_app", "0020_same_content"),
    ]

    operations = [
        migrations.AlterField(
            model_name="discrepancy",
            name="kind",
            field=models.CharField(
                choices=[
                    ("unknown", "Unknown job"),
                    ("unsaved", "Film not saved"),
                    ("charge", "Different charge"),
                    ("state", "Different outcome"),
                    ("unlisted", "Not in the provider’s list"),
                    ("given_up", "Outcome not known"),
                ],
                max_length=8,
            ),
        ),
    ]
