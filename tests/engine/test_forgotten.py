"""The provider forgets an asset that it called Active within the hour: trying again makes a film all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import BadRequest
from assets_app.engine.doubting import doubtful_assets, turn_down
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.models import Asset, Generation, NewReference, Original
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.store import Asset as SandboxAsset

pytestmark = pytest.mark.django_db
SAMPLES = ("courier.jpg", "lantern.jpg")


@pytest.fixture
def two_assets(new_asset, until, run_files, sandbox: SandboxServer) -> list[Asset]:
    made = [new_asset(f"{sandbox.base_url}/samples/{name}") for name in SAMPLES]
    run_files()
    until(lambda: Asset.objects.filter(state="active").count() == len(made))
    return list(Asset.objects.order_by("number"))


@pytest.fixture
def forget(sandbox: SandboxServer) -> Callable[..., None]:
    """Nobody had asked about them since."""

    def forgotten(*assets: Asset) -> None:
        sandbox.provider.store.forget(SandboxAsset, [asset.provider_id for asset in assets])

    return forgotten


def film_with(new_generation, assets: list[Asset]) -> Generation:
    return new_generation(tuple(NewReference("reference_image", "image", asset) for asset in assets))


def ended(film: Generation) -> Generation:
    film.refresh_from_db()
    return film


@pytest.mark.parametrize("how_many", [1, 2])
def test_the_next_film_waits_for_what_is_registered_again(how_many: int, two_assets, new_generation, forget, until):
    forget(*two_assets[:how_many])
    refused = film_with(new_generation, two_assets)
    until(lambda: ended(refused).state == "failed")
    assert "is not found" in refused.reason

    again = film_with(new_generation, two_assets)
    until(lambda: ended(again).job_id != "")

    for asset, before in zip(Asset.objects.order_by("number"), two_assets, strict=True):
        assert f"asset://{asset.provider_id}" in str(again.request)
        was_forgotten = before in two_assets[:how_many]
        assert (asset.provider_id != before.provider_id) == was_forgotten


def test_its_history_says_why_the_provider_was_asked(two_assets, new_generation, forget, until):
    forget(two_assets[0])
    refused = film_with(new_generation, two_assets[:1])
    until(lambda: ended(refused).state == "failed")

    said = two_assets[0].events.filter(subject="library").values_list("note__said", flat=True)
    assert list(said) == ["A film was turned down over it: asking the provider whether it still has it"]


class RefusesAtTheDoor(Client):
    def generate_video(self, *_: object, **__: object):
        raise BadRequest("One of the assets does not exist", status=400)


def test_a_refusal_at_the_door_is_one_too(two_assets, new_generation):
    film = film_with(new_generation, two_assets)
    Runner(ProviderLane(make_client=RefusesAtTheDoor, strict=True)).run(0.3)

    assert ended(film).state == "failed"
    for asset in Asset.objects.all():
        assert not asset.is_fresh or asset.verified_at > film.state_since  # asked about since, and still there


def test_another_refusal_says_nothing_of_the_assets(two_assets, new_generation):
    film = film_with(new_generation, two_assets)
    film.move("submitted")

    turn_down(film, "The request failed because the input text may contain sensitive information.")
    assert [asset.verified_at for asset in Asset.objects.order_by("number")] == [
        asset.verified_at for asset in two_assets
    ]


def test_one_that_was_registered_again_meanwhile_is_not_doubted_for_its_old_id(two_assets, new_generation, until):
    film = film_with(new_generation, two_assets[:1])
    until(lambda: ended(film).job_id != "")
    Asset.objects.filter(pk=two_assets[0].pk).update(provider_id="another-since")

    assert doubtful_assets(film, f"content[1] asset {two_assets[0].provider_id} is not found") == []


def test_without_a_source_or_a_copy_the_next_film_says_which_asset_and_why(two_assets, new_generation, forget, until):
    asset = two_assets[0]
    Asset.objects.filter(pk=asset.pk).update(source_url="")
    Original.objects.filter(pk=asset.pk).update(file="", state="lost")
    forget(asset)
    refused = film_with(new_generation, [asset])
    until(lambda: ended(refused).state == "failed")
    again = film_with(new_generation, [asset])
    until(lambda: ended(again).state == "failed")

    assert f"“{asset.name}” did not become Active" in again.reason
    assert again.sent_at is None
    assert "Our own copy of the file is gone, so it cannot be sent again." in Asset.objects.get(pk=asset.pk).reason
