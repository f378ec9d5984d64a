import assets_app.models.sharing
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assets_app', '0009_verified'),
        ('auth', '__first__'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='generation',
            name='one_generation_per_click',
        ),
        migrations.AddField(
            model_name='asset',
            name='cut_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cuts', to='assets_app.asset'),
        ),
        migrations.AddField(
            model_name='asset',
            name='made_by',
            field=models.CharField(blank=True, choices=[('film', 'The film'), ('last_frame', 'The last frame'), ('crop', 'Cropped'), ('trim', 'Trimmed')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='asset',
            name='made_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='made_assets', to='assets_app.generation'),
        ),
        migrations.AddField(
            model_name='generation',
            name='asked_seconds',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='generation',
            name='followed',
            field=models.CharField(blank=True, choices=[('', 'Not said'), ('yes', 'Yes'), ('partly', 'Partly'), ('no', 'No')], default='', max_length=6),
        ),
        migrations.AddField(
            model_name='generation',
            name='is_draft',
            field=models.BooleanField(default=False, help_text='A cheap try, to be made final if it is liked.'),
        ),
        migrations.AddField(
            model_name='generation',
            name='made_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='made_later', to='assets_app.generation'),
        ),
        migrations.AddField(
            model_name='generation',
            name='mentions',
            field=models.JSONField(blank=True, default=dict, help_text='Which asset each mentioned name means, by its id.'),
        ),
        migrations.AddField(
            model_name='generation',
            name='notes',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='generation',
            name='origin',
            field=models.CharField(blank=True, choices=[('edit', 'Edited from'), ('again', 'Run again from'), ('final', 'The final of the draft'), ('retry', 'Tried again by itself after'), ('next', 'The shot after')], default='', max_length=5),
        ),
        migrations.AddField(
            model_name='generation',
            name='price_key',
            field=models.CharField(blank=True, default='', help_text='What the price a second goes by, beside the model.', max_length=100),
        ),
        migrations.AddField(
            model_name='generation',
            name='purged_at',
            field=models.DateTimeField(blank=True, help_text='When its files were deleted; the row stays, for it is part of the accounts.', null=True),
        ),
        migrations.AddField(
            model_name='generation',
            name='rating',
            field=models.PositiveSmallIntegerField(default=0, help_text='1 to 5; 0 is unrated.', validators=[django.core.validators.MaxValueValidator(5)]),
        ),
        migrations.AddField(
            model_name='generation',
            name='spend',
            field=models.BigIntegerField(default=0, help_text='Credits it counts for: held at the upper estimate while it runs, then its cost; 0 when it failed.'),
        ),
        migrations.AddField(
            model_name='generation',
            name='take',
            field=models.PositiveSmallIntegerField(default=1, help_text='Its place in the set, from 1.'),
        ),
        migrations.AddField(
            model_name='generation',
            name='trashed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='generation',
            name='trashed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='membership',
            name='asks_first',
            field=models.BooleanField(default=True, help_text="Whether Generate asks them before it spends more than the team's limit for that."),
        ),
        migrations.AddField(
            model_name='membership',
            name='studio',
            field=models.JSONField(blank=True, default=dict, help_text='How they last set the studio: the model, and the settings of each.'),
        ),
        migrations.AddField(
            model_name='team',
            name='confirm_above',
            field=models.PositiveIntegerField(blank=True, help_text='Credits of one press of Generate above which it asks first; empty: never.', null=True),
        ),
        migrations.AddField(
            model_name='team',
            name='film_names',
            field=models.CharField(default='{date}_{asset}_{model}_{take}', help_text='How films are called when they are downloaded.', max_length=120),
        ),
        migrations.AlterField(
            model_name='generation',
            name='click',
            field=models.UUIDField(help_text='Names the press of the button, hence its set of takes: the same press twice is one set.'),
        ),
        migrations.AlterField(
            model_name='generation',
            name='credit_cost',
            field=models.BigIntegerField(blank=True, help_text='What the provider says it charged.', null=True),
        ),
        migrations.AlterField(
            model_name='generation',
            name='prompt',
            field=models.TextField(help_text='As it was typed: assets are mentioned by name, as in “@Anna”.'),
        ),
        migrations.AlterField(
            model_name='reference',
            name='asset',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='references', to='assets_app.asset'),
        ),
        migrations.AddField(
            model_name='generation',
            name='draft_of',
            field=models.JSONField(blank=True, help_text='What a draft stands for: the model and params that it is made final with.', null=True),
        ),
        migrations.AddField(
            model_name='original',
            name='cut',
            field=models.JSONField(blank=True, help_text='What part of the file of the asset it is cut from it is to be.', null=True),
        ),
        migrations.AlterField(
            model_name='connection',
            name='problem',
            field=models.CharField(blank=True, choices=[('', 'None'), ('key_refused', 'The provider refuses the API key'), ('blocked', "The provider's gate refuses this server"), ('no_credits', 'The credits are used up'), ('down', 'The provider does not answer'), ('asked_to_wait', 'The provider asked us to wait'), ('key_unreadable', 'The stored API key cannot be read')], default='', max_length=20),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('credit_cost__isnull', False), ('state', 'completed')), fields=['team', 'model', 'price_key', '-completed_at'], name='generation_priced'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.UniqueConstraint(fields=('team', 'click', 'take'), name='one_generation_per_take'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['team', '-rating', '-created_at', '-id'], name='generation_rated'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['team', '-spend', '-created_at', '-id'], name='generation_dearest'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='generation_trash'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['team', 'model', 'followed'], name='generation_followed'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['team', 'state'], name='generation_under_way'),
        ),
        migrations.CreateModel(
            name='Discrepancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unknown', 'A job we do not know'), ('unsaved', 'A film we had not saved'), ('charge', 'Another charge than ours'), ('state', 'Another outcome than ours')], max_length=8)),
                ('job_id', models.CharField(max_length=255)),
                ('facts', models.JSONField(default=dict, help_text='What the provider says and what we say.')),
                ('found_at', models.DateTimeField(auto_now_add=True)),
                ('settled_at', models.DateTimeField(blank=True, help_text='When an admin, or the next look, closed it.', null=True)),
                ('generation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='discrepancies', to='assets_app.generation')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='discrepancies', to='assets_app.team')),
            ],
            options={
                'ordering': ['-found_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('team', 'kind', 'job_id'), name='one_discrepancy_per_kind_and_job')],
            },
        ),
        migrations.CreateModel(
            name='FilmStar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stars', to='assets_app.generation')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'generation'), name='one_film_star_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Preset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('model', models.CharField(blank=True, default='', help_text='Empty: of whatever model is chosen.', max_length=60)),
                ('prompt', models.TextField(blank=True, default='')),
                ('mentions', models.JSONField(blank=True, default=dict)),
                ('params', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presets', to='assets_app.team')),
            ],
            options={
                'ordering': [django.db.models.functions.text.Lower('name')],
                'constraints': [models.UniqueConstraint(models.F('team'), django.db.models.functions.text.Lower('name'), name='one_preset_per_name')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=assets_app.models.sharing.new_share_token, editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('shows_prompt', models.BooleanField(default=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='assets_app.generation')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='SpendingLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(choices=[('day', 'a day'), ('week', 'a week'), ('month', 'a month')], max_length=5)),
                ('warn_at', models.PositiveIntegerField(blank=True, help_text='Credits.', null=True)),
                ('stop_at', models.PositiveIntegerField(blank=True, help_text='Credits.', null=True)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spending_limits', to='assets_app.team')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'user', 'period'), name='one_limit_per_person_and_period'), models.UniqueConstraint(condition=models.Q(('user__isnull', True)), fields=('team', 'period'), name='one_limit_per_team_and_period'), models.CheckConstraint(condition=models.Q(('warn_at__isnull', False), ('stop_at__isnull', False), _connector='OR'), name='limit_limits_something')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, help_text='When the engine looks at it next; empty: never.', null=True)),
                ('claim', models.UUIDField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0, help_text='Tries since the last success, counted before each starts.')),
                ('last_error', models.TextField(blank=True, default='')),
                ('fingerprint', models.CharField(blank=True, default='', help_text='Of the key whose jobs it compares: another has another list.', max_length=64)),
                ('compared_until', models.DateTimeField(blank=True, help_text='Of the jobs made up to then, the end of each has been compared.', null=True)),
                ('began_at', models.DateTimeField(blank=True, null=True)),
                ('reaches_to', models.DateTimeField(blank=True, help_text='Jobs made before are left out.', null=True)),
                ('cursor', models.TextField(blank=True, default='', help_text="The provider's name of the next page.")),
                ('pages', models.PositiveIntegerField(default=0)),
                ('jobs', models.PositiveIntegerField(default=0)),
                ('newest', models.DateTimeField(blank=True, help_text='When the newest job of the list was made.', null=True)),
                ('unfinished', models.DateTimeField(blank=True, help_text='When the oldest was made that goes on.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('jobs_compared', models.PositiveIntegerField(default=0)),
                ('is_whole', models.BooleanField(default=True, help_text='Whether the list was read as far back as was meant.')),
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='comparison', to='assets_app.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='comparison_due')],
            },
        ),
    ]
