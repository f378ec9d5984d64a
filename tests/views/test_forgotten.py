"""A film that was stopped over its assets names them, says why each is of no use, and leads on."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from assets_app.models import Asset, Generation, NewReference, Original, Team

from .scene import make_asset, make_generation

pytestmark = pytest.mark.django_db
TOO_SMALL = "Image width must be between 300px and 6000px"
UNKNOWN_REASON = "for a reason we do not know yet"


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def page_of(client: Client, row: Generation | Asset) -> str:
    kind = "videos" if isinstance(row, Generation) else "assets"
    return " ".join(client.get(f"/dailies/{kind}/{row.pk}/").content.decode().split())


def failed_asset(team: Team, name: str = "harbour", reason: str = TOO_SMALL) -> Asset:
    asset = make_asset(team, state="failed", name=name)
    Asset.objects.filter(pk=asset.pk).update(reason=reason, is_quote=True)
    return asset


def without_a_way_back(asset: Asset) -> Asset:
    Asset.objects.filter(pk=asset.pk).update(source_url="")
    return asset


def stopped_by(team: Team, *assets: Asset) -> Generation:
    """As the engine leaves it, with the sentence it writes."""
    references = [NewReference("reference_image", "image", asset) for asset in assets]
    film = make_generation(team, "waiting", references=references)
    names = ", ".join(f"“{asset.name}”" for asset in assets)
    film.move("failed", reason=f"Never sent, nothing charged: {names} did not become Active.")
    return film


def refused_over(team: Team, *assets: Asset) -> Generation:
    references = [NewReference("reference_image", "image", asset) for asset in assets]
    return make_generation(team, "failed", references=references, reason="content[1] asset prov-1 is not found")


def register_again(client: Client, asset: Asset, then: str = "") -> Any:
    return client.post(f"/dailies/assets/{asset.pk}/again/", {"next": then})


def test_a_film_stopped_by_a_failed_asset_gives_our_own_reason_and_the_assets(team, ana):
    good, bad = make_asset(team, name="courier"), failed_asset(team)
    film = stopped_by(team, good, bad)
    Asset.objects.filter(pk=good.pk).update(state="active")
    page = page_of(ana, film)

    assert "did not become Active." in page
    assert f'data-asset="{bad.pk}" data-status="failed"' in page
    assert "Failed: A picture or video is too small or too large." in page
    assert page.count('class="reference-refused"') == 1
    assert f'data-asset="{good.pk}"' not in page
    for words in ("Leave it out", "Replace", "Register harbour again", "Nothing was charged."):
        assert words in page
    for words in (UNKNOWN_REASON, "The provider’s words"):
        assert words not in page


def test_several_are_all_named_and_left_out_together(team, ana):
    film = stopped_by(team, failed_asset(team, "harbour"), failed_asset(team, "lantern"))
    page = page_of(ana, film)
    assert page.count('class="reference-refused"') == 2
    assert "Leave them out" in page
    form = ana.get(f"/dailies/generate/?from={film.pk}&fix=drop").content.decode()
    assert ":asset:" not in form


def test_registered_again_from_there_it_is_tried_again_as_it_stands(team, ana):
    bad = failed_asset(team)
    film = stopped_by(team, bad)
    answer = register_again(ana, bad, f"/dailies/videos/{film.pk}/")
    assert answer.url == f"/dailies/videos/{film.pk}/"
    page = page_of(ana, film)
    assert "Try again" in page
    assert "Leave it out" not in page

    ana.post(f"/dailies/videos/{film.pk}/again/")
    assert Generation.objects.get(made_from=film).state == "waiting"


def test_what_cannot_be_registered_again_says_what_to_do_instead(team, ana):
    film = stopped_by(team, without_a_way_back(failed_asset(team)))
    page = page_of(ana, film)
    assert "It cannot be registered again: it has no link, and our own copy of the file is gone." in page
    assert "Register harbour again" not in page


def test_a_film_over_whose_asset_the_provider_complained_offers_to_register_it_again(team, ana):
    asset = make_asset(team, name="lantern")
    page = page_of(ana, refused_over(team, asset))
    assert "The provider no longer knows one of the assets." in page
    assert "Register lantern again" in page
    assert "Try again" in page
    assert "The provider’s words" in page


def test_an_active_assets_page_registers_it_again_and_says_from_what(team, ana):
    asset = make_asset(team, name="lantern")
    assert "The provider fetches the file from its link anew." in page_of(ana, asset)
    answer = register_again(ana, asset, f"/dailies/assets/{asset.pk}/")
    assert answer.url == f"/dailies/assets/{asset.pk}/"
    asset.refresh_from_db()
    assert (asset.state, asset.provider_id, asset.sends_copy) == ("queued", "", False)


def test_from_our_own_copy_where_there_is_one_that_the_provider_takes(team, ana):
    asset = make_asset(team, name="lantern", content_type="image/jpeg", byte_size=4, width=400, height=400)
    original = Original.objects.get(pk=asset.pk)
    original.file.save(original.file_name("e" * 64, ".jpg"), ContentFile(b"file"))
    assert "The provider is sent our own copy of the file." in page_of(ana, asset)
    register_again(ana, asset)
    assert Asset.objects.get(pk=asset.pk).sends_copy


@pytest.mark.parametrize("state", ["active", "failed", "expired"])
def test_with_nothing_left_to_send_nothing_is_lost_by_a_press(team, ana, state):
    asset = without_a_way_back(make_asset(team, state=state, name="lantern"))
    page = page_of(ana, asset)
    assert "There is nothing left to register it from" in page
    assert ">Register again</button>" not in page
    register_again(ana, asset)
    assert Asset.objects.get(pk=asset.pk).state == state


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_failed_or_expired_is_registered_again_on_its_own_page(team, ana, state):
    asset = make_asset(team, state=state)
    assert "Register again</button>" in page_of(ana, asset)


@pytest.mark.parametrize(
    "words",
    [
        "Castboard's own fault: KeyError. The log of the worker has the details.",
        "Never sent, nothing charged: the model is not offered like this any more. No video model is called “x”.",
        "A sentence that somebody of us may write some day.",
    ],
)
def test_what_we_say_ourselves_is_never_taken_for_the_providers_words(team, ana, words):
    film = make_generation(team, "queued")
    film.move("failed", reason=words)
    page = page_of(ana, film).replace("&#x27;", "'")
    assert f"<strong>{words}</strong>" in page
    assert page.count(words) == 2  # there, and in the history
    for never in (UNKNOWN_REASON, "The provider’s words"):
        assert never not in page


def test_neither_is_what_we_say_of_an_asset(team, ana):
    asset = make_asset(team, state="processing")
    asset.move("failed", reason="Still processing after 24 hours.")
    page = page_of(ana, asset)
    assert "Still processing after 24 hours." in page
    for never in (UNKNOWN_REASON, "The provider’s words"):
        assert never not in page


def test_the_providers_own_words_stay_beneath_the_plain_ones(team, ana):
    film = make_generation(team, "processing")
    film.move("failed", reason="quux happened", is_quote=True)
    page = page_of(ana, film)
    assert UNKNOWN_REASON in page
    assert '<pre class="raw">quux happened</pre>' in page
