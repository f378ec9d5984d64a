"""What a job was given to work with: each reference found, fetched and checked, as the model would at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import MediaFacts, Model, Ref
from assets_app.sandbox import films, refusals
from assets_app.sandbox.assets import refuse_marked as refuse_marked_url
from assets_app.sandbox.fetching import MediaRefused, refuse_unfit
from assets_app.sandbox.shapes import film_size, scaled
from assets_app.sandbox.slate import Shown
from assets_app.sandbox.store import Job

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

_SCHEME = "asset://"
_NAMES = {
    "start_image": "First frame",
    "end_image": "Last frame",
    "first_clip": "First clip",
    "last_frame": "Last frame",
}
_FIRST_FRAMES = {"start_image", "image"}
_LAST_FRAMES = {"end_image", "last_frame"}
_USUAL_SECONDS = 5


@dataclass(frozen=True)
class Member:
    """One reference of a job: where it was asked for, our copy of it, and what it is."""

    ref: Ref
    path: Path
    facts: MediaFacts


def parameters(job: Job) -> dict[str, Any]:
    """The model's own parameter block of a job's body."""
    key = model_of(job).params_key
    block = job.body.get(key) if key else None
    return block if isinstance(block, dict) else {}


def model_of(job: Job) -> Model:
    return catalogue.load().get(job.model)


def cast(provider: Provider, job: Job) -> list[Member]:
    """Find every reference of a job. MediaRefused with the upstream's words when the job has to fail."""
    model, params, prompt = model_of(job), parameters(job), str(job.body.get("prompt", ""))
    refusals.refuse_marked(prompt)
    if job.is_doomed:
        raise MediaRefused(refusals.REAL_PERSON)
    refs = model.references_in(params)
    members = [_member(provider, job, model, ref, number) for number, ref in enumerate(refs, start=1)]
    refusals.refuse_combination(
        model,
        params,
        prompt,
        refs,
        [member.facts for member in members],
        refuses_the_disputed=provider.settings.frames_beside_references == "refused",
    )
    return members


def _member(provider: Provider, job: Job, model: Model, ref: Ref, number: int) -> Member:
    if ref.value.startswith(_SCHEME):
        return _registered(provider, job, model, ref, number)
    refuse_marked_url(ref.value)
    limits = model.media_limits or catalogue.load().asset_limits
    kept = provider.library.fetch(ref.value, ref.media_type, limits, provider.settings.fetch_seconds)
    return Member(ref, provider.library.path(kept.name), kept.facts)


def _registered(provider: Provider, job: Job, model: Model, ref: Ref, number: int) -> Member:
    asset_id = ref.value.removeprefix(_SCHEME)
    asset = provider.store.assets.get(asset_id)
    if asset is None or asset.account != job.account:
        raise MediaRefused(f"InvalidParameter: content[{number}] asset {asset_id} is not found")
    if asset.status(job.created_at) != "Active" or asset.content is None:
        status = asset.status(job.created_at)
        raise MediaRefused(f"InvalidParameter: content[{number}] asset {asset_id} is not active (status: {status})")
    if asset.media_type != ref.media_type:
        raise MediaRefused(
            f"InvalidParameter: content[{number}] expects {ref.media_type}, asset {asset_id} is {asset.media_type}"
        )
    facts = MediaFacts(**asset.facts)
    refuse_unfit(facts, ref.media_type, model.media_limits.get(ref.media_type))
    return Member(ref, provider.library.path(asset.content), facts)


def film_of(job: Job, members: list[Member], *, scale: float = 1.0) -> films.Film:
    """What the finished video is to look like, `scale` times as wide and as high as was asked."""
    model, params = model_of(job), parameters(job)
    pictures = [member for member in members if member.facts.width and member.facts.height]
    pictures.sort(key=lambda member: member.ref.slot not in _FIRST_FRAMES)  # stable: else the first one named
    followed = (pictures[0].facts.width or 0, pictures[0].facts.height or 0) if pictures else None
    resolution = _given(model, params, "resolution")
    ratio = _given(model, params, "aspect_ratio")
    seconds = _given(model, params, "duration") or _USUAL_SECONDS
    size = film_size(resolution, ratio, followed)
    return films.Film(
        size=scaled(size, scale),
        seconds=int(seconds),
        with_sound="generate_audio" in model.params and _given(model, params, "generate_audio") is not False,
        prompt=str(job.body.get("prompt", "")),
        heading=f"SANDBOX   {model.label}   {size[0]} x {size[1]}   {seconds} s",
        footing=job.id[:8],
        references=[Shown(_label(member.ref), member.ref.media_type, member.path) for member in members],
        start=_first(members, _FIRST_FRAMES),
        end=_first(members, _LAST_FRAMES),
    )


def _given(model: Model, params: dict[str, Any], name: str) -> Any:
    known = model.params.get(name)
    return params.get(name, known.default if known else None)


def _label(ref: Ref) -> str:
    return _NAMES.get(ref.slot) or f"{ref.media_type.capitalize()} {ref.position + 1}"


def _first(members: list[Member], slots: set[str]) -> Path | None:
    return next((member.path for member in members if member.ref.slot in slots), None)
