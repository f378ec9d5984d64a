from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("assets_app", "0029_small_letters")]

    operations = [
        migrations.CreateModel(
            name="SettledDoubt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=64)),
                ("model", models.CharField(max_length=100)),
                ("rule", models.CharField(max_length=60)),
                ("refused_at", models.DateTimeField(default=timezone.now)),
                ("words", models.TextField(help_text="The provider's own, when it refused.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fingerprint", "model", "rule"), name="one_per_rule_of_a_model_and_key"
                    )
                ],
            },
        ),
    ]
