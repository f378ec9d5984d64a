from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0014_comparison")]
    operations = [
        migrations.AlterField(
            model_name="connection",
            name="problem",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("key_refused", "The provider refuses the API key"),
                    ("blocked", "The provider's gate refuses this server"),
                    ("no_credits", "The credits are used up"),
                    ("down", "The provider does not answer"),
                    ("asked_to_wait", "The provider asked us to wait"),
                    ("key_unreadable", "The stored API key cannot be read"),
                ],
                default="",
                max_length=20,
            ),
        ),
    ]
