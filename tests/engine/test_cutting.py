"""An asset that is a part of another one's file: cut here, then registered like any other."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from assets_app.cuts import Cut
from assets_app.models import Asset, Generation, MadeBy, NewReference, Original, add_cut, may_be_cut
from tests.media import samples

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MIDDLE = Cut(box=(200, 0, 800, 400))


@pytest.fixture
def panorama(new_asset, tmp_path) -> Asset:
    """1200 × 400, three times as wide as high; its file is with us."""
    asset = new_asset()
    picture = tmp_path / "wide.jpg"
    Image.new("RGB", (1200, 400), (30, 90, 160)).save(picture)
    return with_file(asset, picture.read_bytes(), "image/jpeg", width=1200, height=400)


def with_file(asset: Asset, content: bytes, content_type: str, **facts) -> Asset:
    original = Original.objects.get(pk=asset.pk)
    original.file.save(original.file_name("f" * 64, ".bin"), ContentFile(content), save=False)
    Original.objects.filter(pk=asset.pk).update(
        file=original.file.name, state="saved", due_at=None, content_type=content_type, **facts
    )
    Asset.objects.filter(pk=asset.pk).update(state="active", due_at=None)
    return Asset.objects.select_related("original", "team").get(pk=asset.pk)


def test_a_part_is_cut_checked_sent_and_becomes_active(panorama, editor, until, run_files):
    part = add_cut(panorama, editor, MIDDLE)
    assert (part.state, part.made_by, part.cut_from) == ("checking", MadeBy.CROP, panorama)
    run_files()
    part.original.refresh_from_db()
    assert (part.original.state, part.original.width, part.original.height) == ("saved", 800, 400)
    assert part.original.poster
    assert part.original.file.size == part.original.byte_size
    until(lambda: Asset.objects.get(pk=part.pk).state == "active")
    panorama.refresh_from_db()
    assert (panorama.original.width, panorama.state) == (1200, "active")


def test_a_sound_is_cut_to_length(new_asset, until, run_files, tmp_path):
    content = samples.sound(tmp_path / "song.mp3", "libmp3lame", seconds=6).read_bytes()
    song = with_file(new_asset(media_type="audio"), content, "audio/mpeg", seconds=6.0)
    part = add_cut(song, None, Cut(seconds=3))
    run_files()
    until(lambda: Asset.objects.get(pk=part.pk).state == "active")
    part.original.refresh_from_db()
    assert part.original.seconds == pytest.approx(3, abs=0.1)
    assert part.made_by == MadeBy.TRIM


def test_pressing_twice_makes_one(panorama, editor, viewer):
    assert add_cut(panorama, editor, MIDDLE) == add_cut(panorama, viewer, MIDDLE)
    assert add_cut(panorama, editor, Cut(box=(0, 0, 400, 400))).pk != add_cut(panorama, editor, MIDDLE).pk
    assert Asset.objects.filter(cut_from=panorama).count() == 2


def test_a_part_that_came_to_nothing_is_made_anew(panorama, editor):
    failed = add_cut(panorama, editor, MIDDLE)
    Asset.objects.filter(pk=failed.pk).update(state="rejected")
    assert add_cut(panorama, editor, MIDDLE).pk != failed.pk


def test_who_may_be_seen_until_when_goes_for_the_part_too(panorama):
    Asset.objects.filter(pk=panorama.pk).update(rights_note="Anna agreed", kind="character")
    part = add_cut(Asset.objects.get(pk=panorama.pk), None, MIDDLE)
    assert (part.rights_note, part.kind, part.name) == ("Anna agreed", "character", f"{panorama.name} (cropped)")


def test_without_the_file_it_was_to_be_cut_from_it_is_not_sent_and_says_why(panorama, run, run_files):
    part = add_cut(panorama, None, MIDDLE)
    default_storage.delete(panorama.original.file.name)
    Original.objects.filter(pk=panorama.pk).update(source_url="")
    run_files()
    run()
    part.refresh_from_db()
    assert (part.state, part.reason) == ("rejected", "The file it was to be cut from is gone.")


def test_a_generation_waits_for_its_part(panorama, new_generation, until, run_files):
    part = add_cut(panorama, None, MIDDLE)
    new_generation((NewReference("reference_image", "image", asset=part),))
    assert Generation.objects.get().state == "waiting"
    run_files()
    until(lambda: Generation.objects.get().state == "completed")


def test_a_worker_killed_while_cutting_leaves_nothing_but_the_wish(panorama, run_files):
    part = add_cut(panorama, None, MIDDLE)
    Original.objects.claim([part.pk], 20)  # and dies
    Original.objects.update(claimed_until=part.created_at)
    run_files()
    assert Original.objects.get(pk=part.pk).state == "saved"


def test_only_what_we_have_the_file_of_may_be_cut(panorama):
    assert may_be_cut(panorama)
    assert not may_be_cut(None)
    panorama.original.file = ""
    assert not may_be_cut(panorama)
