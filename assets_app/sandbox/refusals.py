"""Why a job fails although it was accepted, in the upstream's words (FACTS §4), and how a person can rehearse it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from assets_app.apiframe.catalogue import MediaFacts, Model, Ref, check_request
from assets_app.sandbox.fetching import MediaRefused

REAL_PERSON = (
    "InputImageSensitiveContentDetected.PrivacyInformation: the request failed because the input image "
    "content[1] may contain real person"
)

PROMPT_MARKERS = {
    "[refuse]": REAL_PERSON,
    "[refuse-video]": "InputVideoSensitiveContentDetected: the input video content[1] may contain real person",
    "[refuse-text]": "InputTextSensitiveContentDetected: the input text may contain sensitive information",
    "[refuse-copyright]": "The request failed because the output video may be related to copyright restrictions",
    "[refuse-sound]": "OutputAudioSensitiveContentDetected.PolicyViolation: output audio may be related to copyright",
    "[refuse-output]": "The request failed because the output video may contain sensitive information",
    "[no-capacity]": "No available capacity for model",
    "[lost]": "Polling timed out",
}
"""A prompt with one of these words in it makes the job fail with that text."""

_MIXED = "InvalidParameter: first/last frame content cannot be mixed with reference media content"
_RULES = {
    "frames_exclude_references": _MIXED,
    "frames_beside_references": _MIXED,
    "end_image_needs_start_image": "InvalidParameter: last frame image requires a first frame image",
    "audio_needs_image_or_video": "InvalidParameter: reference audio requires a reference image or reference video",
    "start_image_needs_adaptive": "InvalidParameter: the parameter ratio {ratio} is not valid for first frame, "
    "ratio must be adaptive",
    "lone_video_needs_adaptive": "InvalidParameter: the parameter ratio {ratio} is not valid for video extension",
    "seconds_total": "InvalidParameter: Total duration of all {media_type}s must not exceed {most} seconds",
}


def refuse_marked(prompt: str) -> None:
    """MediaRefused when the prompt asks for a refusal."""
    for marker, message in PROMPT_MARKERS.items():
        if marker in prompt:
            raise MediaRefused(message)


def refuse_combination(
    model: Model,
    params: dict[str, object],
    prompt: str,
    references: Sequence[Ref],
    facts: Sequence[MediaFacts | None],
    *,
    refuses_the_disputed: bool,
) -> None:
    """MediaRefused for what the schema lets through and the model does not. Of what sources disagree about a setting
    says whether it does.
    """
    refused = {"refuse", "doubt"} if refuses_the_disputed else {"refuse"}
    for message in _broken(model, params, prompt, references, facts, refused):
        raise MediaRefused(message)


def _broken(
    model: Model,
    params: dict[str, object],
    prompt: str,
    references: Sequence[Ref],
    facts: Sequence[MediaFacts | None],
    refused: Collection[str],
) -> Iterator[str]:
    for problem in check_request(model, params, prompt, references, facts):
        if problem.severity not in refused or problem.code not in _RULES:
            continue
        slot = model.slot(problem.field)
        media_type = slot.media_type if slot else ""
        limits = model.media_limits.get(media_type)
        yield _RULES[problem.code].format(
            ratio=params.get("aspect_ratio"),
            media_type=problem.field.replace("_", " "),
            most=limits.seconds_total.max if limits else "",
        )
