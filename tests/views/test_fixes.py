"""A refused film's page: why, which reference, and the one press that helps."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from assets_app.apiframe import reasons
from assets_app.models import Asset, Cancel, Generation, MadeBy, NewReference, Original
from assets_app.views.fixes import refusal_of

from .scene import PARAMS, make_asset, make_generation

pytestmark = pytest.mark.django_db

FACE = "InputImageSensitiveContentDetected.PrivacyInformation: the input image content[{}] may contain real person"
SOUND = "OutputAudioSensitiveContentDetected.PolicyViolation: output audio may be related to copyright"
RATIO = "expected the aspect ratio to be between 0.40 and 2.50, got 3.00"
URL = "https://media.example/anna.jpg"


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def address(generation: Generation, part: str = "") -> str:
    return f"/dailies/videos/{generation.pk}/{part}"


def page_of(client: Client, generation: Generation) -> str:
    return " ".join(client.get(address(generation)).content.decode().split())


def press(client: Client, generation: Generation, fix: str, **headers: Any) -> Any:
    return client.post(address(generation, "fix/"), {"fix": fix}, headers=headers)


def made_from(failed: Generation) -> Generation:
    return Generation.objects.get(made_from=failed)


def image(team, name: str) -> NewReference:
    return NewReference("reference_image", "image", asset=make_asset(team, name=name))


def with_file(asset: Asset) -> Asset:
    original = Original.objects.get(pk=asset.pk)
    original.file.save(original.file_name("e" * 64, ".bin"), ContentFile(b"content"), save=False)
    Original.objects.filter(pk=asset.pk).update(file=original.file.name)
    return Asset.objects.select_related("original").get(pk=asset.pk)


# --- which reference -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("named", "index"), [(1, 0), (2, 1), (3, None), (0, None), (9, None)])
def test_the_reference_that_the_provider_names_is_found_in_the_order_in_which_it_was_sent(team, named, index):
    references = [NewReference("reference_video", "video", asset=make_asset(team, "video")), image(team, "Anna")]
    failed = make_generation(team, "failed", reason=FACE.format(named), references=[image(team, "Ben"), *references])
    refused = refusal_of(failed)
    assert refused
    # content[0] is the prompt, content[3] the video: an image was refused, so neither can be meant.
    assert refused.index == index
    assert [each.name for each in refused.references][:2] == ["Ben", "Anna"]


def test_the_only_image_is_the_one_meant_where_no_number_is_given(team):
    references = [image(team, "Anna"), NewReference("reference_video", "video", asset=make_asset(team, "video"))]
    failed = make_generation(team, "failed", reason="the input image may contain real person", references=references)
    assert refusal_of(failed).reference.name == "Anna"


def test_the_refused_reference_is_shown_and_outlined(team, ana):
    failed = make_generation(
        team, "failed", reason=FACE.format(2), references=[image(team, "Anna"), image(team, "Ben")]
    )
    page = page_of(ana, failed)
    assert page.count('class="reference-refused"') == 1
    assert "Ben" in page[page.index('class="reference-refused"') :][:800]
    assert FACE.format(2) in page
    assert '<span>[Image2]</span> <span class="muted small clip">Ben' in page


def test_the_composer_marks_it_too_and_goes_on_marking_it(team, ana):
    failed = make_generation(
        team, "failed", reason=FACE.format(2), references=[image(team, "Anna"), image(team, "Ben")]
    )
    answer = ana.get(f"/dailies/generate/?from={failed.pk}")
    assert answer.content.decode().count("The provider refused this one") == 1
    value = answer.context["refused_value"]
    form = {"model": "seedance-2", "shown_model": "seedance-2", "prompt": "x", "click": str(uuid.uuid4())}
    kept = ana.post(
        "/dailies/generate/check/",
        form
        | {"reference": [each.value for each in answer.context["form"].references], "refused": value, "do": "up:1"},
        headers={"hx-request": "true"},
    ).content.decode()
    assert kept.count("The provider refused this one") == 1


# --- the steps -------------------------------------------------------------------------------------------------------
def test_a_blocked_sound_is_tried_again_without_at_one_press(team, ana, editor):
    failed = make_generation(team, "failed", reason=SOUND)
    assert "Try again without sound" in page_of(ana, failed)
    answer = press(ana, failed, "sound_off")
    again = made_from(failed)
    assert answer.url == address(again)
    assert again.params == PARAMS | {"generate_audio": False}
    assert (again.state, again.created_by, again.origin, again.prompt) == ("queued", editor, "edit", failed.prompt)
    failed.refresh_from_db()
    assert failed.params == PARAMS


def test_pressed_twice_by_two_people_it_is_made_once(team, ana, admin, client_of):
    failed = make_generation(team, "failed", reason=SOUND)
    first, second = press(ana, failed, "sound_off"), press(client_of(admin), failed, "sound_off")
    assert first.url == second.url == address(made_from(failed))


def test_without_sound_already_it_is_simply_tried_again(team, ana):
    failed = make_generation(team, "failed", reason=SOUND, params=PARAMS | {"generate_audio": False})
    assert "Try again without sound" not in page_of(ana, failed)
    press(ana, failed, "sound_off")
    assert not Generation.objects.filter(made_from=failed).exists()


def test_a_ratio_that_is_not_taken_becomes_adaptive(team, ana):
    video = NewReference("reference_video", "video", asset=make_asset(team, "video"))
    reason = "the parameter ratio 16:9 is not valid for video extension"
    failed = make_generation(team, "failed", reason=reason, references=[video])
    press(ana, failed, "adaptive")
    assert made_from(failed).params["aspect_ratio"] == "adaptive"


def test_a_face_behind_a_plain_link_is_registered_as_an_asset_and_the_film_waits_for_it(team, ana):
    link = NewReference("reference_image", "image", url=URL)
    failed = make_generation(team, "failed", reason=FACE.format(2), references=[image(team, "Ben"), link])
    press(ana, failed, "register")
    again = made_from(failed)
    assert again.state == "waiting"
    ben, anna = again.references.all()
    assert (ben.asset.name, anna.url) == ("Ben", "")
    assert (anna.asset.source_url, anna.asset.state) == (URL, "queued")


def test_a_link_that_the_library_has_already_is_not_registered_twice(team, ana):
    known = make_asset(team)
    link = NewReference("reference_image", "image", url=known.source_url)
    failed = make_generation(team, "failed", reason=FACE.format(1), references=[link])
    press(ana, failed, "register")
    assert made_from(failed).references.get().asset == known
    assert Asset.objects.count() == 1


def test_a_refused_asset_is_left_out_by_way_of_the_form(team, ana):
    failed = make_generation(
        team,
        "failed",
        reason=FACE.format(1),
        references=[image(team, "Anna"), image(team, "Ben")],
        prompt="[Image1] greets [Image2]",
    )
    assert f"?from={failed.pk}&amp;fix=drop" in page_of(ana, failed)
    form = ana.get(f"/dailies/generate/?from={failed.pk}&fix=drop").context["form"]
    assert [each.name for each in form.references] == ["Ben"]
    assert form.text == "Anna greets [Image1]"
    press(ana, failed, "drop")
    assert not Generation.objects.filter(made_from=failed).exists()


def test_frames_beside_references_become_references_by_way_of_the_form(team, ana):
    start = NewReference("start_image", "image", asset=make_asset(team, name="Dawn"))
    reason = "first/last frame content cannot be mixed with reference media content"
    failed = make_generation(team, "failed", reason=reason, references=[start, image(team, "Anna")])
    assert "Make the frames references" in page_of(ana, failed)
    form = ana.get(f"/dailies/generate/?from={failed.pk}&fix=frames").context["form"]
    assert [(each.slot, each.name) for each in form.references] == [
        ("reference_image", "Anna"),
        ("reference_image", "Dawn"),
    ]


def test_a_refused_prompt_leads_to_the_prompt(team, ana):
    failed = make_generation(team, "failed", reason="InputTextSensitiveContentDetected")
    assert "Reword the prompt" in page_of(ana, failed)
    assert ana.get(f"/dailies/generate/?from={failed.pk}&fix=reword").context["form"].text == failed.prompt


def test_what_is_too_wide_is_cropped_from_our_original_and_the_film_waits_for_it(team, ana, editor):
    wide = with_file(make_asset(team, name="Panorama", width=1200, height=400, content_type="image/jpeg"))
    references = [image(team, "Ben"), NewReference("reference_image", "image", asset=wide)]
    failed = make_generation(team, "failed", reason=RATIO, references=references)
    page = page_of(ana, failed)
    assert "Take the middle 1000 × 400 and try again" in page
    assert f"/dailies/assets/{wide.pk}/cut/?film={failed.pk}&amp;model=seedance-2" in page
    press(ana, failed, "crop")
    again = made_from(failed)
    ben, part = (reference.asset for reference in again.references.all())
    assert (ben.name, part.name, part.cut_from, part.made_by) == ("Ben", "Panorama (cropped)", wide, MadeBy.CROP)
    assert (again.state, part.created_by, part.state) == ("waiting", editor, "checking")
    assert part.original.cut == {"box": [100, 0, 1000, 400]}


def test_what_the_prompt_mentions_is_the_part_from_then_on(team, ana):
    wide = with_file(make_asset(team, name="Panorama", width=1200, height=400, content_type="image/jpeg"))
    references = [NewReference("reference_image", "image", asset=wide)]
    failed = make_generation(team, "failed", reason=RATIO, references=references, prompt="A walk along @Panorama")
    Generation.objects.filter(pk=failed.pk).update(mentions={"Panorama": str(wide.pk)})
    press(ana, failed, "crop")
    again = made_from(failed)
    assert again.mentions == {"Panorama": str(again.references.get().asset_id)}
    assert again.prompt == "A walk along @Panorama"


def test_what_is_too_long_is_cut_to_what_the_model_takes(team, ana):
    long = with_file(make_asset(team, "video", seconds=30.0, width=1280, height=720, fps=24, content_type="video/mp4"))
    references = [image(team, "Ben"), NewReference("reference_video", "video", asset=long)]
    failed = make_generation(team, "failed", reason="the video is too long", references=references)
    assert "Take the first 15 s and try again" in page_of(ana, failed)
    press(ana, failed, "trim")
    part = made_from(failed).references.get(slot="reference_video").asset
    assert (part.made_by, part.original.cut) == (MadeBy.TRIM, {"seconds": 15})


def test_what_is_too_long_together_is_taken_from_the_longest(team, ana):
    facts = {"width": 1280, "height": 720, "fps": 24, "content_type": "video/mp4"}
    short, long = (with_file(make_asset(team, "video", seconds=seconds, **facts)) for seconds in (7.0, 11.0))
    references = [NewReference("reference_video", "video", asset=each) for each in (short, long)]
    failed = make_generation(
        team,
        "failed",
        reason="Total duration of all reference videos must not exceed 15",
        references=references,
        params=PARAMS | {"aspect_ratio": "adaptive"},
    )
    press(ana, failed, "trim")
    first, second = (reference.asset for reference in made_from(failed).references.all())
    assert first == short
    assert (second.cut_from, second.original.cut) == (long, {"seconds": 8})


def test_without_the_file_nothing_can_be_cut_and_the_reference_may_be_left_out(team, ana):
    wide = make_asset(team, name="Panorama", width=1200, height=400, content_type="image/jpeg")
    failed = make_generation(
        team,
        "failed",
        reason=f"content[1]: {RATIO}",
        references=[NewReference("reference_image", "image", asset=wide)],
    )
    page = page_of(ana, failed)
    assert "try again" not in page
    assert "Choose the part" not in page
    assert "Leave it out" in page


def test_a_form_with_something_to_say_opens_first(team, ana):
    gone = image(team, "Anna")
    failed = make_generation(team, "failed", reason=SOUND, references=[gone])
    Asset.objects.update(state="failed", due_at=None)
    answer = press(ana, failed, "sound_off")
    assert answer.url == f"/dailies/generate/?from={failed.pk}&fix=sound_off"
    assert ana.get(answer.url).context["form"].params["generate_audio"] is False
    assert not Generation.objects.filter(made_from=failed).exists()


def test_above_the_teams_limit_the_form_asks_first(team, ana):
    failed = make_generation(team, "failed", reason=SOUND)
    type(team).objects.update(confirm_above=10)
    assert press(ana, failed, "sound_off").url.startswith("/dailies/generate/?from=")
    assert not Generation.objects.filter(made_from=failed).exists()


def test_a_step_that_does_not_fit_any_more_makes_nothing(team, ana):
    done = make_generation(team, "completed")
    for fix in ("sound_off", "nonsense", ""):
        assert press(ana, done, fix).url == address(done)
    assert Generation.objects.count() == 1


def test_a_viewer_sees_why_but_no_button(team, viewer, client_of):
    failed = make_generation(team, "failed", reason=SOUND)
    page = page_of(client_of(viewer), failed)
    assert "its sound was blocked" in page
    assert "Try again without sound" not in page


def test_every_fix_has_its_words_and_every_refusal_a_fix_that_can_be_offered(team, ana):
    for refusal in reasons.TABLE:
        failed = make_generation(team, "failed", reason=RAW.get(refusal.code, refusal.signs[0].replace("\\", "")))
        assert refusal_of(failed).remedy.words
        assert ana.get(address(failed)).status_code == 200


RAW = {"no_good_answer": "The provider cannot be reached"}


# --- in the composer, before anything is sent ------------------------------------------------------------------------
def check(client: Client, references: list[str], do: str, **more: Any) -> Any:
    values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in PARAMS.items()}
    form = {"model": "seedance-2", "shown_model": "seedance-2", "prompt": "x", "click": str(uuid.uuid4())}
    data = values | form | {"reference": references, "do": do} | more
    return client.post("/dailies/generate/check/", data, headers={"hx-request": "true"})


def test_a_reference_that_our_own_check_refuses_can_be_cropped_there(team, ana):
    wide = with_file(make_asset(team, name="Panorama", width=1200, height=400, content_type="image/jpeg"))
    value = f"reference_image:asset:{wide.pk}"
    shown = check(ana, [value], "look").content.decode()
    assert 'value="mend:0"' in shown
    assert "Take the middle 1000 × 400" in shown
    assert f"/dailies/assets/{wide.pk}/cut/?for=0&amp;model=seedance-2" in shown
    answer = check(ana, [value], "mend:0")
    (reference,) = answer.context["form"].references
    assert (reference.asset.cut_from, reference.asset.state) == (wide, "checking")
    assert 'value="mend:0"' not in answer.content.decode()
    check(ana, [value], "mend:0")
    assert Asset.objects.filter(cut_from=wide).count() == 1


def test_a_reference_that_fits_has_no_such_button(team, ana):
    fits = with_file(make_asset(team, width=1200, height=800, content_type="image/jpeg"))
    assert "mend:0" not in check(ana, [f"reference_image:asset:{fits.pk}"], "look").content.decode()


@pytest.mark.parametrize("do", ["mend:0", "mend:7", "mend:x", "mend:", "mend:-1"])
def test_a_mend_that_makes_no_sense_makes_nothing(team, ana, do):
    fits = with_file(make_asset(team, width=1200, height=800, content_type="image/jpeg"))
    answer = check(ana, [f"reference_image:asset:{fits.pk}"], do)
    assert "nothing to cut" in " ".join(answer.context["form"].notes)
    assert Asset.objects.count() == 1


def test_a_viewer_may_not_cut(team, viewer, client_of):
    wide = with_file(make_asset(team, width=1200, height=400, content_type="image/jpeg"))
    assert check(client_of(viewer), [f"reference_image:asset:{wide.pk}"], "mend:0").status_code == 403
    assert Asset.objects.count() == 1


def card_of(client: Client, generation: Generation) -> str:
    page = " ".join(client.get("/dailies/videos/").content.decode().split())
    return page[page.index(f'id="videos-{generation.pk}"') :].partition("</article>")[0]


def test_the_card_in_the_list_offers_the_step_that_the_films_page_offers(team, ana):
    sound = make_generation(team, "failed", reason=SOUND)
    face = make_generation(team, "failed", reason=FACE.format(1), references=[image(team, "Anna")])
    moment = make_generation(team, "failed", reason="No available capacity for model")
    assert "Try again without sound" in card_of(ana, sound)
    assert f'formaction="{address(sound, "fix/")}?fix=sound_off"' in card_of(ana, sound)
    assert f'href="/dailies/generate/?from={face.pk}&amp;fix=drop"' in card_of(ana, face)
    assert "Leave it out" in card_of(ana, face)
    assert f'formaction="{address(moment, "again/")}"' in card_of(ana, moment)


def test_a_viewers_card_says_why_and_offers_nothing(team, viewer, client_of):
    sound = make_generation(team, "failed", reason=SOUND)
    card = card_of(client_of(viewer), sound)
    assert reasons.explain(SOUND).plain in card
    assert "Try again" not in card


# --- tried again by itself -------------------------------------------------------------------------------------------
def retried(team, **columns: Any) -> tuple[Generation, Generation]:
    failed = make_generation(team, "failed", reason="No available capacity for model")
    again = make_generation(team, "queued")
    Generation.objects.filter(pk=again.pk).update(made_from=failed, origin="retry", **columns)
    return failed, Generation.objects.get(pk=again.pk)


def test_a_film_that_is_tried_again_by_itself_says_so_on_its_page_and_card_instead_of_offering_it(team, ana):
    failed, again = retried(team, due_at=timezone.now() + timedelta(minutes=4))
    for page in (page_of(ana, failed), ana.get("/dailies/videos/").content.decode()):
        assert "Is tried again by itself at <time" in page
        assert f'href="/dailies/videos/{again.pk}/">the film</a>' in page
        assert address(failed, "again/") not in page
    assert "It is tried again by itself at <time" in page_of(ana, again)
    assert "Cancel, nothing is charged" in page_of(ana, again)


def test_one_that_waits_for_approval_is_not_said_to_have_been_tried(team, ana):
    failed, _again = retried(team, state="approval", due_at=None)
    for page in (page_of(ana, failed), ana.get("/dailies/videos/").content.decode()):
        assert "Is tried again by itself once an admin approves it" in page
        assert "Tried again by itself at" not in page


def test_called_off_it_is_a_persons_turn_again(team, ana, editor):
    failed, again = retried(team, due_at=timezone.now() + timedelta(minutes=4))
    assert again.cancel(editor) is Cancel.DONE
    assert address(failed, "again/") in page_of(ana, failed)


def test_afterwards_it_says_when_it_was(team, ana):
    failed, _again = retried(team, due_at=timezone.now())
    assert "Tried again by itself at <time" in page_of(ana, failed)


def test_pressing_an_old_button_beside_it_makes_no_second_one(team, ana):
    failed, _again = retried(team)
    ana.post(address(failed, "again/"))
    assert Generation.objects.count() == 2
