"""What the provider refuses although its schema allows it: media outside its limits, and keys that do not go together.

Which rules a model has, their words and their thresholds are data (catalogue.json); here are only the predicates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assets_app.apiframe import units
from assets_app.apiframe.model_facts import (
    Bounds,
    Fix,
    MediaFacts,
    MediaLimits,
    Model,
    Number,
    Param,
    Problem,
    Ref,
    Rule,
    Slot,
    a,
)
from assets_app.apiframe.validation import errors_in_value, nearest, objects_in


def check_media(facts: MediaFacts, limits: MediaLimits, *, field: str = "") -> list[Problem]:
    """What the provider would refuse, or may refuse, in one file. The unknown is never refused."""
    return list(_media_problems(facts, limits, field or limits.media_type))


def _media_problems(facts: MediaFacts, limits: MediaLimits, field: str) -> Iterator[Problem]:
    if facts.media_type is not None and facts.media_type != limits.media_type:
        yield Problem(
            "wrong_media_type",
            field,
            f"This is {a(facts.media_type)}, not {a(limits.media_type)}.",
            fix=f"Choose {a(limits.media_type)}.",
        )
        return
    yield from _format_problems(facts, limits, field)
    for measure, value, bounds in _measured(facts, limits):
        if value is not None:
            yield from measure.problems(value, bounds, field)


def _format_problems(facts: MediaFacts, limits: MediaLimits, field: str) -> Iterator[Problem]:
    if facts.content_type is None:
        return
    if facts.content_type not in limits.content_types:
        message = f"The file is {facts.content_type}; only {', '.join(limits.formats)} are taken."
        yield Problem("format", field, message, fix=f"Convert it to {limits.formats[0]}.")
    elif facts.content_type in limits.doubtful_content_types:
        message = f"The file is {facts.content_type}, which is not taken everywhere."
        yield Problem("format", field, message, severity="warn", fix=f"If it fails, convert it to {limits.formats[0]}.")


@dataclass(frozen=True, slots=True)
class _Measure:
    """One quantity that has bounds: how it is called and written, and what to do when it is out of them."""

    code: str
    what: str
    written: Callable[[Number], str]
    fix_small: str
    fix_large: str

    def problems(self, value: Number, bounds: Bounds, field: str) -> Iterator[Problem]:
        found = f"{self.what} is {self.written(value)}"
        if bounds.min is not None and value < bounds.min:
            yield Problem(self.code, field, f"{found}; the least is {self.written(bounds.min)}.", fix=self.fix_small)
        elif bounds.max is not None and value > bounds.max:
            yield Problem(self.code, field, f"{found}; the most is {self.written(bounds.max)}.", fix=self.fix_large)
        elif bounds.warn_below is not None and value < bounds.warn_below:
            message = f"{found}; below {self.written(bounds.warn_below)} it may be refused."
            yield Problem(self.code, field, message, severity="warn", fix=self.fix_small)
        elif bounds.warn_above is not None and value > bounds.warn_above:
            message = f"{found}; above {self.written(bounds.warn_above)} it may be refused."
            yield Problem(self.code, field, message, severity="warn", fix=self.fix_large)


def _ratio(facts: MediaFacts) -> float | None:
    return facts.width / facts.height if facts.width and facts.height else None


def _pixels(facts: MediaFacts) -> int | None:
    return facts.width * facts.height if facts.width and facts.height else None


def _pixels_in_all(value: Number) -> str:
    return f"{value:,} pixels"


def _frames_a_second(value: Number) -> str:
    return f"{round(value, 2):g} frames a second"


def _to_two_places(value: Number) -> str:
    return f"{value:.2f}"


_BYTES = _Measure("bytes", "The file", units.megabytes, "Use a larger file.", "Compress it or cut it shorter.")
_WIDTH = _Measure("width", "The width", units.pixels, "Use a larger version.", "Scale it down.")
_HEIGHT = replace(_WIDTH, code="height", what="The height")
_RATIO = _Measure(
    "ratio",
    "Width divided by height",
    _to_two_places,
    "Crop it: it is too tall and narrow.",
    "Crop it: it is too wide and flat.",
)
_PIXELS = _Measure("pixels", "Width times height", _pixels_in_all, "Use a larger version.", "Scale it down.")
_FPS = _Measure("fps", "The frame rate", _frames_a_second, "Convert it to 24 or more.", "Convert it to 60 or fewer.")
_LENGTH = _Measure("seconds", "The length", units.seconds, "Use a longer piece.", "Cut it shorter.")
_TOTAL = _Measure("seconds_total", "The length of all together", units.seconds, "", "Cut some shorter, or use fewer.")


def _measured(facts: MediaFacts, limits: MediaLimits) -> Iterator[tuple[_Measure, Number | None, Bounds]]:
    yield _BYTES, facts.byte_size, limits.bytes
    yield _WIDTH, facts.width, limits.side
    yield _HEIGHT, facts.height, limits.side
    yield _RATIO, _ratio(facts), limits.ratio
    yield _PIXELS, _pixels(facts), limits.pixels
    yield _FPS, facts.fps, limits.fps
    yield _LENGTH, facts.seconds, limits.seconds


def check_totals(model: Model, references: Sequence[Ref], facts: Sequence[MediaFacts | None]) -> list[Problem]:
    """Whether the media of one slot are too long together. A length nobody knows counts as nothing."""
    lengths: dict[str, list[float]] = {}
    for ref, known in zip(references, facts, strict=False):
        if known is not None and known.seconds is not None:
            lengths.setdefault(ref.slot, []).append(known.seconds)
    problems: list[Problem] = []
    for slot in model.slots:
        limits = model.media_limits.get(slot.media_type)
        together = lengths.get(slot.name, [])
        if len(together) > 1 and limits is not None:
            problems += _TOTAL.problems(sum(together), limits.seconds_total, slot.name)
    return problems


def check_request(
    model: Model,
    params: Mapping[str, Any],
    prompt: str,
    references: Sequence[Ref] = (),
    facts: Sequence[MediaFacts | None] = (),
) -> list[Problem]:
    """Everything the provider would refuse, or may refuse, in one request. Refusals come first.

    `params` are those of the model's parameter block without its media; `facts[i]` belongs to `references[i]`, and
    what is None or missing there is unknown and passes.
    """
    request = _Request(model, params, prompt, references)
    problems = [
        *_prompt_problems(request),
        *_param_problems(request),
        *_slot_problems(request),
        *_reference_problems(request, facts),
        *check_totals(model, references, facts),
        *(problem for rule in model.rules for problem in _broken(rule, request)),
    ]
    return sorted(problems, key=lambda problem: problem.severity != "refuse")


@dataclass(frozen=True, slots=True)
class _Request:
    model: Model
    params: Mapping[str, Any]
    prompt: str
    references: Sequence[Ref]

    def count(self, *slots: str) -> int:
        return sum(ref.slot in slots for ref in self.references)

    def count_role(self, role: str) -> int:
        slot = self.model.slot_for(role)
        return self.count(slot.name) if slot else 0


def _prompt_problems(request: _Request) -> Iterator[Problem]:
    if request.model.needs_prompt and not request.prompt.strip():
        yield Problem("prompt_empty", "prompt", "The prompt is empty.", fix="Say what happens in the film.")
    limit = request.model.prompt_max
    if limit is not None and len(request.prompt) > limit:
        over = len(request.prompt) - limit
        message = f"The prompt has {len(request.prompt):,} characters; the most is {limit:,}."
        yield Problem("prompt_too_long", "prompt", message, fix=f"Shorten it by {over:,} characters.")


def _param_problems(request: _Request) -> Iterator[Problem]:
    media = {slot.param for slot in request.model.slots}
    for name, value in request.params.items():
        if name in media or value is None:
            continue
        param = request.model.params.get(name)
        if param is None:
            yield Problem(
                "unknown_param", name, f"{request.model.label} has no parameter “{name}”.", fix="Leave it out."
            )
            continue
        for path, message in errors_in_value(param, value):
            fixes = tuple(Fix(f"set:{name}:{each}", f"Use {each}") for each in nearest(param, value))
            words = f"{_where(param, path)}: {message}."
            if param.pattern and param.suggestions and isinstance(value, str):
                words = f"{param.label} must be written as in {param.suggestions[0]}."
            yield Problem("param", name, words, fix="Choose a value the model takes.", fixes=fixes)
        if param.fields and isinstance(value, str) and objects_in(value) is None:
            words = f"{param.label}: this is no JSON list of objects, so it may be refused."
            yield Problem("param_unread", name, words, severity="warn", fix=f"Write it as in {param.example}.")
    for name, param in request.model.params.items():
        if param.required and name not in media and request.params.get(name) is None:
            yield Problem("param_missing", name, f"{param.label} is needed.", fix="Choose a value.")


def _where(param: Param, path: str) -> str:
    """Which part of a parameter a path such as "0.duration" means, in words: "Shots, 1, duration"."""
    number, _, name = path.partition(".")
    if not number:
        return param.label
    inner = next((field.label.lower() for field in param.fields if field.name == name), "")
    return ", ".join(filter(None, (param.label, str(int(number) + 1), inner)))


def _slot_problems(request: _Request) -> Iterator[Problem]:
    firsts: dict[str, int] = {}
    for index, ref in enumerate(request.references):
        if request.model.slot(ref.slot) is None:
            firsts.setdefault(ref.slot, index)
    for name, index in firsts.items():
        yield _homeless(request, name, index)
    for slot in request.model.slots:
        yield from _count_problems(slot, request.count(slot.name), request.model)


def _homeless(request: _Request, slot_name: str, index: int) -> Problem:
    """What is in a place that the model does not have; `index` is the first of it. Another place may do."""
    media_type, model = request.references[index].media_type, request.model
    free = [slot for slot in model.slots if slot.media_type == media_type and request.count(slot.name) < slot.maximum]
    which = "the first" if request.count(slot_name) > 1 else "it"
    fixes = [Fix(f"move:{index}:{slot.name}", f"Use {which} as {slot.label.lower()}") for slot in free]
    fixes.append(Fix(f"clear:{slot_name}", "Remove them" if request.count(slot_name) > 1 else "Remove it"))
    message = f"{model.label} {model.takes_only(media_type)}."
    fix = f"{'Say as which, remove it,' if free else 'Remove it,'} or choose another model."
    return Problem("unknown_slot", slot_name, message, fix=fix, fixes=tuple(fixes))


def _count_problems(slot: Slot, count: int, model: Model) -> Iterator[Problem]:
    if count > slot.maximum:
        message = f"{slot.label}: {count} chosen; {model.label} takes at most {slot.maximum}."
        fixes = (Fix(f"trim:{slot.name}", f"Keep the first {slot.maximum}" if slot.maximum > 1 else "Keep the first"),)
        yield Problem("too_many", slot.name, message, fix=f"Remove {count - slot.maximum}.", fixes=fixes)
    elif count < slot.minimum:
        message = f"{slot.label}: {model.label} needs at least {slot.minimum}."
        yield Problem("too_few", slot.name, message, fix=f"Add {slot.minimum - count}.")


def _reference_problems(request: _Request, facts: Sequence[MediaFacts | None]) -> Iterator[Problem]:
    for index, ref in enumerate(request.references):
        slot = request.model.slot(ref.slot)
        if slot is None:
            continue
        if ref.media_type != slot.media_type:
            message = f"{slot.label}: this is {a(ref.media_type)}, not {a(slot.media_type)}."
            fix = f"Choose {a(slot.media_type)}."
            yield Problem("wrong_media_type", ref.slot, message, fix=fix, position=ref.position)
            continue
        known = facts[index] if index < len(facts) else None
        limits = request.model.media_limits.get(slot.media_type)
        if known is not None and limits is not None:
            for problem in check_media(known, limits, field=ref.slot):
                yield replace(problem, position=ref.position)


def _broken(rule: Rule, request: _Request) -> Iterator[Problem]:
    for words in _PREDICATES[rule.code](request, rule.options):
        fixes = tuple(Fix(fix.do.format(**words), fix.label.format(**words)) for fix in rule.fixes)
        message = rule.message.format(**words)
        yield Problem(rule.code, rule.field, message, severity=rule.severity, fix=rule.fix, fixes=fixes)


Words = Iterator[Mapping[str, Any]]
"""A predicate yields once for each time its rule is broken, with what its message needs to know."""

_FRAMES = ("start_image", "end_image")
_REFERENCES = ("reference_image", "reference_video", "reference_audio")


def _frames_beside_references(request: _Request, _options: Mapping[str, Any]) -> Words:
    if request.count(*_FRAMES) and request.count(*_REFERENCES):
        yield {}


def _end_image_needs_start_image(request: _Request, _options: Mapping[str, Any]) -> Words:
    if request.count_role("end") and not request.count_role("start"):
        yield {}


def _shots_fill_duration(request: _Request, _options: Mapping[str, Any]) -> Words:
    shots = request.params.get("multi_prompt")
    shots = objects_in(shots) if isinstance(shots, str) else shots
    lengths = [shot.get("duration") for shot in shots] if isinstance(shots, list) else []
    duration = request.params.get("duration")
    if lengths and all(isinstance(each, int) for each in lengths) and sum(lengths) != duration:
        yield {"seconds": sum(lengths), "duration": duration}


def _audio_needs_image_or_video(request: _Request, _options: Mapping[str, Any]) -> Words:
    if request.count("reference_audio") and not request.count("reference_image", "reference_video"):
        yield {}


def _start_image_needs_adaptive(request: _Request, _options: Mapping[str, Any]) -> Words:
    if request.count("start_image"):
        yield from _explicit_ratio(request)


def _lone_video_needs_adaptive(request: _Request, _options: Mapping[str, Any]) -> Words:
    if request.count("reference_video") == 1 and not request.count("reference_image", *_FRAMES):
        yield from _explicit_ratio(request)


def _explicit_ratio(request: _Request) -> Words:
    ratio = request.params.get("aspect_ratio")
    if ratio not in {None, "", "adaptive"}:
        yield {"aspect_ratio": ratio}


def _prompt_reads_like_an_edit(request: _Request, options: Mapping[str, Any]) -> Words:
    if not request.count("reference_video"):
        return
    for pattern in options["patterns"]:
        found = re.search(pattern, request.prompt, re.IGNORECASE | re.DOTALL)
        if found:
            yield {"words": " ".join(found.group().split())}
            return


def _prompt_is_long(request: _Request, options: Mapping[str, Any]) -> Words:
    if len(request.prompt) > options["limit"]:
        yield {"length": f"{len(request.prompt):,}", "limit": f"{options['limit']:,}"}


_MENTION = re.compile(r"(?:\[|@|\b)(image|video|audio) ?([1-9][0-9]?)\b", re.IGNORECASE)


def _prompt_names_missing_media(request: _Request, _options: Mapping[str, Any]) -> Words:
    mentioned = {(kind.lower(), int(number)) for kind, number in _MENTION.findall(request.prompt)}
    for kind, number in sorted(mentioned):
        count = request.count(f"reference_{kind}", *(_FRAMES if kind == "image" else ()))
        if number > count:
            yield {"name": f"{kind.capitalize()} {number}", "added": _added(kind, count)}


def _added(kind: str, count: int) -> str:
    """ "no image has been added", "only 2 videos have been added"."""
    if count == 0:
        return f"no {kind} has been added"
    if count == 1:
        return f"only one {kind} has been added"
    return f"only {count} {kind}{'' if kind == 'audio' else 's'} have been added"


_PREDICATES: Mapping[str, Callable[[_Request, Mapping[str, Any]], Words]] = {
    "frames_exclude_references": _frames_beside_references,
    "frames_beside_references": _frames_beside_references,
    "end_image_needs_start_image": _end_image_needs_start_image,
    "end_image_prefers_start_image": _end_image_needs_start_image,
    "shots_fill_duration": _shots_fill_duration,
    "audio_needs_image_or_video": _audio_needs_image_or_video,
    "start_image_needs_adaptive": _start_image_needs_adaptive,
    "start_image_prefers_adaptive": _start_image_needs_adaptive,
    "lone_video_needs_adaptive": _lone_video_needs_adaptive,
    "prompt_reads_like_an_edit": _prompt_reads_like_an_edit,
    "prompt_is_long": _prompt_is_long,
    "prompt_names_missing_media": _prompt_names_missing_media,
}
RULE_CODES = frozenset(_PREDICATES)
