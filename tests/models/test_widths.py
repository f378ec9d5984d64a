"""Whatever the reader of answers lets through fits into the columns where it ends up, on both databases."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction

from assets_app.apiframe.errors import MOST_CREDITS
from assets_app.apiframe.results import AssetCreated, Job, Upload
from assets_app.apiframe.values import LONGEST_ID, LONGEST_URL
from assets_app.models import Asset, Discrepancy, Generation, NewAsset, Original, Team, Video, register_all
from assets_app.money.ordering import Order, start

pytestmark = pytest.mark.django_db
ID = "x" * LONGEST_ID
URL = "https://a.example/".ljust(LONGEST_URL - 4, "x") + ".mp4"


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Dailies", slug="dailies")


def new_generation(team: Team) -> Generation:
    return start(team, None, Order(click=uuid.uuid4(), model="seedance-2", prompt="a fox", params={}))[0]


def test_the_longest_job_can_be_kept(team):
    job = Job.from_json({"id": ID, "status": "COMPLETED", "creditCost": MOST_CREDITS, "result": URL})
    generation = new_generation(team)
    generation.job_id, generation.credit_cost = job.id, job.credit_cost
    generation.save()
    generation.clean_fields(exclude={"created_by", "params", "request", "provider_answer"})
    video = Video.objects.create(generation=generation, team=team, source_url=job.result_url, state="copying")
    video.clean_fields(exclude={"file", "poster"})
    Discrepancy(team=team, kind="unknown", job_id=job.id).clean_fields(exclude={"facts"})
    generation.refresh_from_db()
    assert (generation.job_id, generation.credit_cost, generation.video.source_url) == (ID, MOST_CREDITS, URL)


def test_the_longest_asset_and_upload_can_be_kept(team):
    created, upload = AssetCreated.from_json({"assetId": ID}), Upload.from_json({"url": URL})
    (asset,) = register_all(team, None, [NewAsset("https://a.example/a.png", "image")])
    asset.provider_id, asset.upload_url = created.asset_id, upload.url
    asset.save()
    asset.clean_fields(exclude={"created_by"})
    Original.objects.filter(pk=asset.pk).update(source_url=URL)
    Original.objects.get(pk=asset.pk).clean_fields()
    assert Asset.objects.get().provider_id == ID


def test_no_two_generations_answer_to_one_webhook_token(team):
    one, other = new_generation(team), new_generation(team)
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=other.pk).update(webhook_token=one.webhook_token)
