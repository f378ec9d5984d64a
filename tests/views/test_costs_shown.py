"""What things cost is said where the things are: an asset's page, collections, members."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from assets_app.models import Asset, Collection, NewReference

from .scene import make_asset, make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of, viewer):
    return client_of(viewer)


def words(client: Client, address: str) -> str:
    return " ".join(strip_tags(client.get(address).content.decode()).split())


def used(*assets: Asset) -> list[NewReference]:
    return [NewReference("reference_image", "image", asset=asset) for asset in assets]


def test_an_asset_says_what_the_films_that_used_it_cost(client, team):
    anna, door = make_asset(team, name="Anna"), make_asset(team, name="Door")
    make_generation(team, references=used(anna, door))
    make_generation(team, references=used(anna), spend=1000)
    make_generation(team, "failed", references=used(anna), credit_cost=144)
    said = words(client, f"/dailies/assets/{anna.pk}/")
    assert "Films that used it cost 1,144 credits" in said
    assert "1 failed or cancelled, which cost 0" in said
    assert "cost 144 credits" in words(client, f"/dailies/assets/{door.pk}/")


def test_an_asset_that_was_never_used_says_nothing_of_cost(client, team):
    assert "cost" not in words(client, f"/dailies/assets/{make_asset(team, name='Anna').pk}/").split("Used in")[1]


def test_a_collection_says_what_its_films_cost_in_as_many_queries_as_none(client, team):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            words(client, "/dailies/assets/labels/?costs")
        return len(caught)

    first = Collection.objects.create(team=team, name="Cast")
    before = queries()
    for number in range(4):
        collection = Collection.objects.create(team=team, name=f"Set {number}")
        collection.assets.add(asset := make_asset(team))
        make_generation(team, references=used(asset), spend=100 + number)
    assert queries() == before
    first.assets.add(asset)
    assert words(client, "/dailies/assets/labels/?costs").count("103 credits") == 2


def test_members_are_shown_with_their_films_and_what_they_cost(client, team, editor):
    make_generation(team, by=editor)
    make_generation(team, "failed", by=editor)
    page = client.get("/dailies/members/").content.decode()
    assert f"?person={editor.pk}" in page
    assert "1 film, 144 credits" in words(client, "/dailies/members/")
