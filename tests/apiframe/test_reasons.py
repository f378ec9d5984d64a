"""The provider's refusals in plain words: every text of FACTS §4 and §5 is known, and an unknown one is kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe.errors import ApiframeError
from assets_app.apiframe.reasons import explain
from assets_app.apiframe.refusals import TABLE

from .scripted import Says
from .test_errors import dropped

SEEN = [
    ("The request failed because the input image may contain real person.", "face_in_image", "input image"),
    ("InputImageSensitiveContentDetected.PrivacyInformation: content[2]", "face_in_image", "input image"),
    ("InputImageSensitiveContentDetected", "image_refused", "input image"),
    ("the input image may contain sensitive information", "image_refused", "input image"),
    ("InputImageSensitiveContentDetected.PolicyViolation: copyright", "famous_image", "input image"),
    ("InputVideoSensitiveContentDetected.PolicyViolation: copyright", "famous_video", "input video"),
    ("the input audio may be related to copyright", "famous_audio", "input audio"),
    ("the input video may contain real person", "person_in_video", "input video"),
    ("InputVideoSensitiveContentDetected", "person_in_video", "input video"),
    ("InputTextSensitiveContentDetected: the input text may contain", "prompt_refused", "prompt"),
    ("The output video may be related to copyright restrictions", "film_like_another", "output"),
    ("the output audio may be related to copyright", "sound_blocked", "output"),
    ("OutputAudioSensitiveContentDetected.PolicyViolation", "sound_blocked", "output"),
    ("the output video may contain sensitive information", "film_blocked", "output"),
    ("expected the aspect ratio to be between 0.40 and 2.50, got 3.1", "aspect_ratio", "media"),
    ("Pixel count must be between 407696 and 8295044", "pixel_count", "media"),
    ("InvalidParameter.PixelCountTooSmall", "pixel_count", "media"),
    ("ratio 16:9 is not valid for video extension", "read_as_extension", "parameters"),
    ("InvalidParameter.TaskTypeConstraint: whatever", "read_as_editing", "parameters"),
    ("We identified your task as video editing; duration must be -1", "read_as_editing", "parameters"),
    ("first/last frame content cannot be mixed with reference media content", "frames_and_references", "parameters"),
    (
        "the parameter ratio 16:9 is not valid for first frame, ratio must be adaptive",
        "shape_follows_the_image",
        "parameters",
    ),
    ("InvalidParameter: last frame image requires a first frame image", "end_without_start", "parameters"),
    ("InvalidParameter: reference audio requires a reference image or reference video", "sound_alone", "parameters"),
    (
        "InvalidParameter: Total duration of all reference videos must not exceed 15",
        "references_too_long_together",
        "parameters",
    ),
    ("InvalidParameter.DownloadFailed: Max retries exceeded with url: /size.png", "unreachable", "media"),
    ("Duration must be between 4 and 15 seconds", "film_length", "parameters"),
    ("Total duration of all reference videos must not exceed 15", "references_too_long_together", "parameters"),
    ("the parameter audio format m4a is not valid", "audio_format", "media"),
    ("timeout while fetching resource", "unreachable", "media"),
    ("InvalidParameter.DownloadFailed", "unreachable", "media"),
    ("No available capacity for model seedance-2", "capacity", "capacity"),
    ("Polling timed out", "lost_job", "capacity"),
    # Assets, FACTS §5: no text was ever captured, so these are the ways people put it.
    ("Failed to download the file", "unreachable", "media"),
    ("fetch failed: 404", "unreachable", "media"),
    ("URL is unreachable", "unreachable", "media"),
    ("Could not fetch the URL", "unreachable", "media"),
    ("unsupported media type text/html", "wrong_type", "media"),
    ("InvalidParameter: the image file cannot be decoded", "wrong_type", "media"),
    ("the parameter image format text is not valid", "wrong_type", "media"),
    ("InvalidParameter: video file size must not exceed 50 MB", "too_large", "media"),
    ("The file is too large", "too_large", "media"),
    ("InvalidParameter: image width must be between 300 and 6000 px", "picture_size", "media"),
    ("InvalidParameter: video frame rate must be between 24 and 60 FPS", "frame_rate", "media"),
    ("InvalidParameter: audio Duration must be between 2 and 15 seconds", "reference_length", "media"),
    ("the video is too long", "too_long", "media"),
    ("the clip is too short", "too_short", "media"),
    ("face asset contains multiple faces", "several_faces", "input image"),
    ("multi-face violation", "several_faces", "input image"),
    ("asset rejected by review", "review", "unknown"),
    ("asset kie-1 not found", "asset_gone", "media"),
    ("asset kie-1 is not active", "asset_not_ready", "media"),
    # Refused calls
    ("Validation failed (seedanceParams.duration: Too big)", "not_accepted", "parameters"),
    ("InvalidParameter: camera_fixed", "setting_refused", "parameters"),
    ("Insufficient credits", "no_credits", "account"),
    ("Invalid or expired token", "key_refused", "account"),
    ("Idempotency key was used with a different body", "already_sent", "parameters"),
    ("Job not found", "job_gone", "unknown"),
    ("Upstream asset creation failed", "provider_trouble", "capacity"),
]


@pytest.mark.parametrize(("raw", "code", "klass"), SEEN)
def test_every_text_seen_so_far_is_explained(raw, code, klass):
    reason = explain(raw)
    assert (reason.code, reason.klass) == (code, klass)
    assert reason.raw == raw
    assert explain(raw.upper()).code == code


def test_no_line_of_the_table_goes_untested():
    tested = {code for _, code, _ in SEEN} | {"no_good_answer", "audio_refused"}
    assert {refusal.code for refusal in TABLE} == tested
    assert explain("InputAudioSensitiveContentDetected").code == "audio_refused"


def test_the_reference_that_was_refused_is_named_when_the_provider_names_it():
    assert explain("InputImageSensitiveContentDetected.PrivacyInformation at content[3].image_url").reference_index == 3
    assert explain("Polling timed out").reference_index is None
    assert explain("content[999999999999]").reference_index is None


def test_unknown_words_are_admitted_and_kept():
    reason = explain("  flux capacitor misaligned ")
    assert (reason.code, reason.klass, reason.raw) == ("unknown", "unknown", "flux capacitor misaligned")
    assert "do not know" in reason.plain


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_silence_is_called_silence(nothing):
    reason = explain(nothing)
    assert (reason.code, reason.raw) == ("silent", "")
    assert "without saying why" in reason.plain


@pytest.mark.parametrize(
    "says", [Says(502, "<html>bad</html>"), Says(200, "oops"), Says(200, []), Says(instead=dropped)]
)
def test_what_our_own_client_says_of_a_bad_moment_is_explained_too(provider, client, says):
    provider.says = says
    with pytest.raises(ApiframeError) as caught:
        client.me()
    assert explain(str(caught.value)).code == "no_good_answer"


@pytest.mark.parametrize("refusal", TABLE, ids=lambda refusal: refusal.code)
def test_the_words_are_sentences_short_enough_to_be_read(refusal):
    for words in (refusal.plain, refusal.advice):
        assert words[0].isupper()
        assert words.endswith(".")
        assert len(words) <= 125
        assert not re.search(r"content\[|asset://|HTTP|JSON", words)


@given(raw=st.none() | st.text())
def test_any_text_gets_a_reason(raw):
    assert explain(raw).plain
