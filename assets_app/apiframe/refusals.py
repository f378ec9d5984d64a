"""The kinds of failure, as data: the signs by which the provider's words are known, and what is said instead.

Failed jobs and assets carry one human string and no code, forwarded from upstream (FACTS §4 and §5), so the table is
matched in order, the particular before the general: a new refusal is a new line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Klass = Literal[
    "prompt",
    "input image",
    "input video",
    "input audio",
    "output",
    "parameters",
    "media",
    "capacity",
    "account",
    "unknown",
]
"""What was at fault: what went in, what came out, how it was asked for, the files, the moment, or the account."""

Fix = Literal["sound_off", "adaptive", "crop", "trim", "drop", "frames", "register", "reword", "again", "edit"]
"""The one step that helps most often: without sound, with an adaptive ratio, with a reference cropped, cut shorter,
left out or registered as an asset, with the start and end image among the references, with other words, just once
more, or by way of the form.
"""

SAID_NOTHING = "The provider failed this without saying why."


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of failure: the signs by which its texts are known (regular expressions, any of them), and its words."""

    code: str
    klass: Klass
    signs: tuple[str, ...]
    plain: str
    advice: str
    fix: Fix = "edit"


# What we say ourselves of a film or an asset that came to nothing; without a `plain` of its own it is plain as it is.
OURS: tuple[Refusal, ...] = (
    Refusal(
        "given_up",
        "unknown",
        (
            "^given up when the team.s key",
            "^we could not find out whether the provider",
            "^the provider was never heard to finish",
            "^after a week the provider still says",
            "^said to have run",
        ),
        "It was sent, and nobody could find out what became of it.",
        "Look into the provider's own list of jobs before you make it again: it may have been charged.",
        fix="again",
    ),
    Refusal(
        "never_ran",
        "unknown",
        ("^said never to have run",),
        "It was sent and no answer came back. Somebody looked at the provider and said that it never ran.",
        "Make it again.",
        fix="again",
    ),
    Refusal(
        "asset_failed",
        "media",
        ("^never sent, nothing charged: .*did not become active",),
        "",
        "Register it again, put another in its place, or make the film without it.",
        fix="drop",
    ),
    Refusal(
        "not_offered",
        "parameters",
        ("^never sent, nothing charged: the model is not offered",),
        "",
        "Choose another model or other settings.",
        fix="edit",
    ),
    Refusal("silent", "unknown", ("^the provider gave no reason",), SAID_NOTHING, "Try again.", fix="again"),
)

TABLE: tuple[Refusal, ...] = (
    # Refused at the door, before anybody looked at the pictures: the complaints name fields, not media
    Refusal(
        "not_accepted",
        "parameters",
        ("^validation", "^invalid (request|body|input)", "^bad request"),
        "The provider did not accept this request as it stands.",
        "Its complaints are below: correct those settings and try again.",
        fix="edit",
    ),
    # What went in
    Refusal(
        "famous_image",
        "input image",
        (r"InputImageSensitiveContentDetected\.PolicyViolation", "input image.*copyright"),
        "A reference image was refused: it looks like a famous face or protected work.",
        "Use a reference of your own making and try again.",
        fix="drop",
    ),
    Refusal(
        "famous_video",
        "input video",
        (r"InputVideoSensitiveContentDetected\.PolicyViolation", "input video.*copyright"),
        "A reference video was refused: it looks like a famous face or protected work.",
        "Use a reference of your own making and try again.",
        fix="drop",
    ),
    Refusal(
        "famous_audio",
        "input audio",
        (r"InputAudioSensitiveContentDetected\.PolicyViolation", "input audio.*copyright"),
        "A reference sound was refused: it sounds like protected work.",
        "Use a reference of your own making and try again.",
        fix="drop",
    ),
    Refusal(
        "face_in_image",
        "input image",
        ("input image.*real person", r"InputImageSensitiveContentDetected\.PrivacyInformation"),
        "A reference image was refused: it seems to show a real person's face.",
        "If it was a plain link, register it as an asset; else take a stylised picture or a view without the face.",
        fix="register",
    ),
    Refusal(
        "several_faces",
        "input image",
        ("multi.?face", "(multiple|more than one) (faces?|persons?|people)"),
        "This image was refused: it shows more than one face.",
        "Crop it to one person and register each person as an asset of their own.",
        fix="drop",
    ),
    Refusal(
        "person_in_video",
        "input video",
        ("input video.*real person", "InputVideoSensitiveContentDetected"),
        "A reference video was refused: it seems to show a real person.",
        "Use a take without recognisable people, or a stylised one.",
        fix="drop",
    ),
    Refusal(
        "image_refused",
        "input image",
        ("InputImageSensitiveContentDetected", "input image.*sensitive"),
        "A reference image was refused by the content check, most often for a real-looking face.",
        "Swap that image for another one; the same one will mostly be refused again.",
        fix="drop",
    ),
    Refusal(
        "audio_refused",
        "input audio",
        ("InputAudioSensitiveContentDetected", "input audio.*(sensitive|copyright)"),
        "A reference sound was refused by the content check.",
        "Use a sound you own, without known music or voices.",
        fix="drop",
    ),
    Refusal(
        "prompt_refused",
        "prompt",
        ("InputTextSensitiveContentDetected", "(input text|prompt).*sensitive"),
        "The prompt was refused by the content check.",
        "Reword it: names of real people, brands, violence and nudity are the usual causes.",
        fix="reword",
    ),
    # What came out
    Refusal(
        "sound_blocked",
        "output",
        ("output audio.*(copyright|sensitive)", "OutputAudioSensitiveContentDetected"),
        "The film was drawn, but its sound was blocked: it may be too close to existing music or voices.",
        "Generate it again with sound switched off, or just try again.",
        fix="sound_off",
    ),
    Refusal(
        "film_like_another",
        "output",
        ("output (video|image).*copyright", r"Output(Video|Image)SensitiveContentDetected\.PolicyViolation"),
        "The film was drawn and then blocked: it may be too close to protected work.",
        "Try again as it is, since this check is partly luck, or describe a less well-known look.",
        fix="again",
    ),
    Refusal(
        "film_blocked",
        "output",
        ("output (video|image).*sensitive", "Output(Video|Image)SensitiveContentDetected"),
        "The film was drawn and then blocked by the content check.",
        "Try again as it is, since this check is partly luck, or tone the prompt down.",
        fix="again",
    ),
    # How it was asked for
    Refusal(
        "frames_and_references",
        "parameters",
        ("first/last frame.*mixed", "cannot be mixed with reference"),
        "A start or end image cannot be combined with references.",
        "Keep one of the two: move the image to the references and say in the prompt that it is the first frame.",
        fix="frames",
    ),
    Refusal(
        "read_as_extension",
        "parameters",
        ("ratio.*not valid.*video extension", "video extension.*ratio"),
        "A single reference video was read as a wish to extend it, and then the shape of the film cannot be set.",
        "Add a reference image, or set the aspect ratio to adaptive.",
        fix="adaptive",
    ),
    Refusal(
        "read_as_editing",
        "parameters",
        ("TaskTypeConstraint", "identified your task as video editing", "duration must be -1"),
        "The prompt was read as a wish to edit the reference video, which this service cannot do.",
        "Describe the new film instead of changes: avoid words like replace, change or keep.",
        fix="reword",
    ),
    Refusal(
        "shape_follows_the_image",
        "parameters",
        ("ratio must be adaptive",),
        "With a start image the shape of the film follows that image and cannot be set.",
        "Set the aspect ratio to adaptive.",
        fix="adaptive",
    ),
    Refusal(
        "end_without_start",
        "parameters",
        ("last frame.*requires a first frame",),
        "An end image needs a start image.",
        "Add a start image, or remove the end image.",
        fix="edit",
    ),
    Refusal(
        "sound_alone",
        "parameters",
        ("audio.*requires.*(image|video)",),
        "This model takes a reference sound only together with an image or a video.",
        "Add a reference image or video, or remove the sound.",
        fix="edit",
    ),
    Refusal(
        "references_too_long_together",
        "parameters",
        ("total duration",),
        "The references are too long taken together.",
        "Shorten or remove some of the reference videos or sounds.",
        fix="trim",
    ),
    Refusal(
        "reference_length",
        "media",
        ("(video|audio|reference)s? (duration|length) must be between",),
        "A reference video or sound is shorter or longer than the model takes.",
        "Cut it to between 2 and 15 seconds and register it again.",
        fix="trim",
    ),
    Refusal(
        "film_length",
        "parameters",
        ("duration must be between",),
        "This model does not make films of that length.",
        "Choose a length the model offers.",
        fix="edit",
    ),
    # What was wrong with a file
    Refusal(
        "unreachable",
        "media",
        (
            "timed? ?out while (fetching|downloading)",
            "DownloadFailed",
            r"(fetch|download)\w*.{0,40}(fail|error|refused|timed out)",
            r"(fail\w*|unable|cannot|could not) (to )?(fetch|download|access|retrieve)",
            "unreachable",
            "not reachable",
        ),
        "The provider could not fetch the file from its address.",
        "Check that the link opens without signing in, or upload the file itself, then register again.",
        fix="again",
    ),
    Refusal(
        "aspect_ratio",
        "media",
        ("aspect ratio to be between", "aspect ratio.*(out of range|not supported|invalid)"),
        "A picture or video is too tall or too wide.",
        "Crop it so that its width is between 0.4 and 2.5 times its height.",
        fix="crop",
    ),
    Refusal(
        "pixel_count",
        "media",
        ("pixel count", "PixelCountToo(Small|Large)"),
        "A reference video has too few or too many pixels.",
        "Export it at 480p to 1080p and register it again.",
        fix="drop",
    ),
    Refusal(
        "picture_size",
        "media",
        (
            r"\b(width|height|resolution|dimensions?|sides?)\b.*too (small|large)",
            r"\b(width|height|resolution|dimensions?|sides?)\b.*(at least|at most|between|exceed|out of range)",
        ),
        "A picture or video is too small or too large.",
        "Keep each side between 300 and 6,000 pixels and register it again.",
        fix="drop",
    ),
    Refusal(
        "frame_rate",
        "media",
        ("(fps|frame rate|frames per second).*(between|invalid|not|too|at least|at most|exceed)",),
        "A reference video has a frame rate the model does not take.",
        "Export it at 24 to 60 frames per second and register it again.",
        fix="drop",
    ),
    Refusal(
        "audio_format",
        "media",
        ("audio format.*not valid",),
        "A sound has a format the model does not take.",
        "Register it again: what is no MP3 or WAV is then converted here.",
        fix="drop",
    ),
    Refusal(
        "too_large",
        "media",
        (
            "too (large|big)",
            "larger than",
            "(size|bytes).*(exceed|at most|limit)",
            r"exceed.*\b(size|MB|MiB|bytes)\b",
            "FileTooLarge",
        ),
        "The file is too big.",
        "Make it smaller: up to 30 MB for images, 50 MB for videos, 15 MB for sounds.",
        fix="drop",
    ),
    Refusal(
        "too_long",
        "media",
        (
            "too long",
            "longer than",
            "(duration|length).*(exceed|at most|between|too large|out of range)",
            "DurationTooLong",
        ),
        "A video or sound is longer than the model takes.",
        "Cut it to 15 seconds or less and register it again.",
        fix="trim",
    ),
    Refusal(
        "too_short",
        "media",
        ("too short", "shorter than", "DurationTooShort"),
        "A video or sound is shorter than the model takes.",
        "Use at least two seconds and register it again.",
        fix="drop",
    ),
    Refusal(
        "wrong_type",
        "media",
        (
            "unsupported.{0,40}(type|format|media|codec|container)",
            "(format|type|codec).*(not supported|not valid|invalid|mismatch)",
            "invalid.{0,20}(image|video|audio|media|format|type)",
            "not an? (valid )?(image|video|audio)",
            "cannot (be )?(decode|identif|read as)",
            "expected (an? )?(image|video|audio)",
        ),
        "The file is not what it was registered as, or has a format the provider does not take.",
        "Check the type and register it again: what the provider does not take is then converted here.",
        fix="drop",
    ),
    Refusal(
        "job_gone",
        "unknown",
        (r"\bjob\b.*(not found|does not exist)", "no such job"),
        "The provider no longer knows this film's job.",
        "Make a copy of it and generate that.",
        fix="again",
    ),
    Refusal(
        "asset_gone",
        "media",
        ("asset.*(not found|does not exist|expired)", "(unknown|invalid|no such) asset"),
        "The provider no longer knows one of the assets.",
        "Try again: the provider is asked about it first, it is registered again if it is gone, and the film waits.",
        fix="again",
    ),
    Refusal(
        "asset_not_ready",
        "media",
        ("asset.*not (active|ready)", "not yet active", r"asset.*still processing"),
        "One of the assets was not ready yet.",
        "Try again: the provider is asked about it first, and the film waits until it is Active.",
        fix="again",
    ),
    Refusal(
        "review",
        "unknown",
        ("review", "moderation", "reject", "SensitiveContent", "sensitive (content|information)"),
        "The provider's content review turned this down.",
        "Try a different picture, video, sound or wording.",
        fix="edit",
    ),
    # Bad moments; the first row is what our own client says of them
    Refusal(
        "no_good_answer",
        "capacity",
        (
            "^The provider cannot be reached",
            "^No (connection|answer) in time",
            "^The connection broke",
            "^The answer is",
            r"^HTTP 5\d\d",
        ),
        "The provider gave no usable answer.",
        "It may be down for a moment: we try again by ourselves.",
        fix="again",
    ),
    Refusal(
        "capacity",
        "capacity",
        (
            "no available capacity",
            "at capacity",
            "overloaded",
            "too busy",
            "too many (concurrent|requests)",
            "throttl",
            "rate limit",
        ),
        "The provider had no room for this just now.",
        "Try again in a few minutes; credits for failed films come back.",
        fix="again",
    ),
    Refusal(
        "lost_job",
        "capacity",
        ("polling timed out", "lost.{0,20}(job|task)", "(job|task) (was )?lost", "upstream.*(timed out|timeout)"),
        "The provider lost track of this film while it was being made.",
        "Try again; credits for failed films come back.",
        fix="again",
    ),
    Refusal(
        "provider_trouble",
        "capacity",
        (
            "internal (server )?error",
            "InternalServiceError",
            "service (is )?(temporarily )?unavailable",
            "bad gateway",
            "upstream",
        ),
        "Something broke on the provider's side.",
        "Try again in a few minutes.",
        fix="again",
    ),
    # The account, and the request as a whole
    Refusal(
        "already_sent",
        "parameters",
        ("idempotency",),
        "This was sent once before with different settings.",
        "Make a copy of it and generate that.",
        fix="again",
    ),
    Refusal(
        "key_refused",
        "account",
        ("(invalid|expired|missing|inactive|revoked).{0,20}(token|key)", "unauthori[sz]ed"),
        "The provider does not accept the team's API key.",
        "Ask whoever looks after the team to paste the key again.",
        fix="edit",
    ),
    Refusal(
        "no_credits",
        "account",
        ("insufficient credits", "not enough credits", "balance.{0,20}(insufficient|too low)"),
        "The team has too few credits for this.",
        "Top up at the provider, or choose a shorter film or a smaller resolution.",
        fix="edit",
    ),
    Refusal(
        "setting_refused",
        "parameters",
        ("InvalidParameter", "invalid param"),
        "The model does not take one of the settings.",
        "Its own words are below: change the setting they name and try again.",
        fix="edit",
    ),
)

UNKNOWN = Refusal(
    "unknown",
    "unknown",
    (),
    "The provider refused this for a reason we do not know yet.",
    "Its own words are below: change what they point at, or try again.",
)
SILENT = Refusal("silent", "unknown", (), SAID_NOTHING, "Try again.", fix="again")
KNOWN_TO_US = Refusal("ours", "unknown", (), "", "", fix="again")
