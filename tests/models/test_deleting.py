"""A team that goes takes all that is its own along, on both databases."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection

from assets_app.models import Asset, Collection, Generation, NewAsset, NewReference, Tag, Tally, Team, register_all
from assets_app.money.ordering import Order, start

pytestmark = pytest.mark.django_db


def team_with_assets(slug: str) -> Team:
    team = Team.objects.create(name=slug, slug=slug)
    assets = register_all(team, None, [NewAsset(f"https://a.example/{n}.png", "image") for n in range(3)])
    Tag.objects.create(team=team, name="day").assets.set(assets)
    Collection.objects.create(team=team, name="reel").assets.set(assets)
    return team


def test_a_team_with_assets_can_be_deleted_and_leaves_no_counts_behind():
    going, staying = team_with_assets("going"), team_with_assets("staying")
    going.delete()
    connection.check_constraints()
    assert not Asset.objects.filter(team_id=going.pk).exists()
    assert set(Tally.objects.values_list("team_id", flat=True)) == {staying.pk}
    assert sum(Tally.objects.values_list("assets_count", flat=True)) == 3


def test_a_team_whose_assets_were_used_can_be_deleted_too():
    team = team_with_assets("going")
    reference = NewReference("reference_image", "image", asset=team.assets.first())
    start(team, None, Order(uuid.uuid4(), "seedance-2", "A quiet sea", {}, references=[reference]))
    team.delete()
    connection.check_constraints()
    assert not Generation.objects.exists()


def test_an_asset_that_is_deleted_is_no_longer_counted():
    team = team_with_assets("dailies")
    team.assets.order_by("number").first().delete()
    assert sum(team.tallies.values_list("assets_count", flat=True)) == 2
    assert (team.tags.get().assets_count, team.collections.get().assets_count) == (2, 2)
