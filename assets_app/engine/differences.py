"""What the provider's word on one job means for ours, and what an admin does about a job that is not ours."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.apiframe.errors import UnexpectedAnswer
from assets_app.apiframe.results import Job, JobStatus
from assets_app.engine.completing import complete, keep_film, not_to_come
from assets_app.engine.waking import FILES, wake
from assets_app.models import Asset, Discrepancy, Event, Generation, Reference, Team, Video
from assets_app.models.asset import MAX_URL_LENGTH

if TYPE_CHECKING:
    from django.contrib.auth.models import User

T = TypeVar("T")
UNKNOWN, UNSAVED = Discrepancy.Kind.UNKNOWN_JOB, Discrepancy.Kind.UNSAVED_RESULT
CHARGE, STATE = Discrepancy.Kind.OTHER_CHARGE, Discrepancy.Kind.OTHER_STATE
GIVEN_UP, NOT_LISTED = Discrepancy.Kind.GIVEN_UP, Discrepancy.Kind.NOT_LISTED
AT_A_TIME = 500
LISTS_DIFFER_BY = timedelta(hours=1)
FOUND_LATER = "Found at the provider when its list of jobs was compared with ours: the film was made, and paid for."
FOUND_LATER_ON = "Found at the provider when its list of jobs was compared with ours."
SAVE_AGAIN = "The provider still has it: found when its list of jobs was compared with ours."
NOT_CHARGED = "The provider says that it failed, which is not charged: it counts 0 credits"  # FACTS §3
LONGEST_MODEL = 60
TAKEN_IN = uuid.UUID("6f0d3a3e-6f5b-4c8b-9a55-7b7d1f3f1a90")


def in_pieces(items: Sequence[T], size: int = AT_A_TIME) -> Iterator[Sequence[T]]:
    """A database takes so many names in one question."""
    return (items[at : at + size] for at in range(0, len(items), size))


# --- jobs of ours ----------------------------------------------------------------------------------------------------
def settle(generation: Generation, job: Job) -> None:
    """Make ours what the provider says of a job that has ended, and write down what differed. Ours that are under way
    are left to the engine.
    """
    theirs = job.status
    if generation.state == "completed" and theirs is JobStatus.COMPLETED:
        _correct_charge(generation, job)
        _save_what_is_there(generation, job)
    elif generation.state == "completed" and theirs in (JobStatus.FAILED, JobStatus.CANCELLED):
        _refund(generation, job)
    elif generation.state in ("failed", "cancelled") and theirs is JobStatus.COMPLETED:
        adopt(generation, job)
    elif generation.state == "failed" and generation.spend and theirs in (JobStatus.FAILED, JobStatus.CANCELLED):
        write_off(generation, None)


def adopt(generation: Generation, job: Job) -> None:
    """Ours was given up, theirs was finished: it was paid for, so it is ours after all, also out of the trash. For one
    whose job was never found, this is the job.
    """
    before = generation.state
    with transaction.atomic():
        generation.team.next_revision()
        if Generation.objects.filter(job_id=job.id).exclude(pk=generation.pk).exists():
            return  # taken in meanwhile
        if generation.state == "unconfirmed":  # found before its own look found it; its end is read as of any other
            generation.move("submitted", reason=FOUND_LATER_ON, job_id=job.id, note={"job_id": job.id})
            return
        if not Generation.objects.filter(pk=generation.pk, job_id__in=("", job.id)).update(job_id=job.id):
            return
        generation.job_id = job.id
        if job.status is not JobStatus.COMPLETED or not complete(generation, job, reason=FOUND_LATER):
            return
        Generation.objects.filter(pk=generation.pk).update(trashed_at=None, trashed_by=None, purged_at=None)
        _note(generation, STATE, job, ours=before, theirs=job.raw_status, credits=job.credit_cost)
    wake(FILES)


def note_unfinished(generation: Generation, job: Job) -> None:
    """Ours is finished and theirs still goes on: told, once it is too long for a list that lags."""
    since = generation.completed_at or generation.state_since
    if generation.state == "completed" and timezone.now() - since > LISTS_DIFFER_BY:
        with transaction.atomic():
            generation.team.next_revision()
            _note(generation, STATE, job, ours="completed", theirs=job.raw_status, goes_on=True)


def list_unlisted(team: Team, films: Sequence[uuid.UUID], asked: Container[uuid.UUID], since: datetime) -> int:
    """Put films of ours whose jobs the provider does not list before the admins, each once; what was put aside stays
    there. The provider was `asked` about some of them by name. Returns how many are new.
    """
    made = 0
    for some in in_pieces(films):
        rows = [
            Discrepancy(
                team=team,
                kind=NOT_LISTED,
                job_id=film.job_id,
                generation=film,
                facts=_facts_of_unlisted(film, since, was_asked=film.pk in asked),
            )
            for film in Generation.objects.filter(pk__in=some).order_by("sent_at")
        ]
        with transaction.atomic():
            team.next_revision()
            jobs = [row.job_id for row in rows]
            there = set(team.discrepancies.filter(kind=NOT_LISTED, job_id__in=jobs).values_list("job_id", flat=True))
            new = [row for row in rows if row.job_id not in there]
            Discrepancy.objects.bulk_create(new, ignore_conflicts=True)
            made += len(new)
    if made:
        Event.about_team(team, None, "difference", kind=str(NOT_LISTED), number=made)
    return made


def _facts_of_unlisted(film: Generation, since: datetime, *, was_asked: bool) -> dict[str, Any]:
    return {
        "film": film.prompt[:200],
        "model": film.model,
        "ours": film.state,
        "credits": film.spend,
        "made_at": film.sent_at.isoformat() if film.sent_at else "",
        "looked_from": since.isoformat(),
        "was_asked": was_asked,
    }


def settle_listed(team: Team, jobs: list[str]) -> None:
    """The provider lists them after all."""
    open_ones = team.discrepancies.filter(kind=NOT_LISTED, settled_at=None, job_id__in=jobs)
    if ids := list(open_ones.values_list("pk", flat=True)):
        _settle(ids, None)


def write_off(generation: Generation, by: User | None) -> bool:
    """A film that was given up, or that the provider does not list, cost nothing after all, as the provider or an admin
    says. False when it counts nothing already, or was made after all.
    """
    with transaction.atomic():
        revision = generation.team.next_revision()
        open_ones = generation.discrepancies.filter(kind__in=(GIVEN_UP, NOT_LISTED), settled_at=None)
        states = ["failed"]
        if open_ones.filter(kind=NOT_LISTED).exists():
            states.append("completed")
        given_up = Generation.objects.filter(pk=generation.pk, state__in=states).exclude(spend=0)
        if not given_up.update(spend=0, revision=revision):
            return False
        _settle(list(open_ones.values_list("pk", flat=True)), by)
        generation.say(by, "Said that it cost nothing: it counts 0 credits" if by else NOT_CHARGED)
    return True


def _correct_charge(generation: Generation, job: Job) -> None:
    charged = job.credit_cost
    if charged is None or charged == generation.credit_cost == generation.spend:
        return
    with transaction.atomic():
        revision = generation.team.next_revision()
        same = Generation.objects.filter(
            pk=generation.pk, state="completed", credit_cost=generation.credit_cost, spend=generation.spend
        )
        if same.update(credit_cost=charged, spend=charged, revision=revision):
            _note(generation, CHARGE, job, ours=generation.spend, theirs=charged)


def _refund(generation: Generation, job: Job) -> None:
    """We have it as finished, they have it as failed, and what fails costs nothing (FACTS §3)."""
    with transaction.atomic():
        revision = generation.team.next_revision()
        same = Generation.objects.filter(pk=generation.pk, state="completed").filter(
            Q(credit_cost__isnull=False) | ~Q(spend=0)
        )
        if same.update(credit_cost=None, spend=0, revision=revision):
            _note(generation, STATE, job, ours="completed", theirs=job.raw_status, credits=0)


def _save_what_is_there(generation: Generation, job: Job) -> None:
    if job.expired or not job.result_url or generation.trashed_at or generation.purged_at:
        return
    with transaction.atomic():
        generation.team.next_revision()
        video = Video.objects.filter(generation=generation).first()
        why = video.reason if video else ""
        if video is None:
            keep_film(generation, job)
        elif video.state != "lost" or not video.move("copying", reason=SAVE_AGAIN, source_url=job.result_url):
            return
        _note(generation, UNSAVED, job, why=why)
    wake(FILES)


def _note(generation: Generation, kind: str, job: Job, **facts: Any) -> None:
    """Write a difference down, anew if it was settled once. Runs in its change's transaction."""
    facts |= {"film": generation.prompt[:200], "model": generation.model}
    row, made = Discrepancy.objects.get_or_create(
        team_id=generation.team_id, kind=kind, job_id=job.id, defaults={"generation": generation, "facts": facts}
    )
    if not made:
        Discrepancy.objects.filter(pk=row.pk).update(
            facts=facts, generation=generation, found_at=timezone.now(), settled_at=None, settled_by=None
        )
    Event.about_team(generation.team, None, "difference", kind=str(kind), job=job.id, **facts)


# --- jobs of somebody else's -----------------------------------------------------------------------------------------
def list_unknown(team: Team, job: Job) -> None:
    """Put a finished job that no generation has before the admins, once. `job` has its input where that was to be
    had.
    """
    given = job.input or {}
    facts = {
        "model": job.model or "",
        "credits": job.credit_cost,
        "made_at": job.created_at.isoformat() if job.created_at else "",
        "film": str(given.get("prompt") or "")[:2000],
        "job": dict(job.raw),
    }
    with transaction.atomic():
        team.next_revision()
        if Generation.objects.filter(job_id=job.id).exists():
            return  # the answer to our own request came meanwhile
        _row, made = Discrepancy.objects.get_or_create(
            team=team, kind=UNKNOWN, job_id=job.id, defaults={"facts": facts}
        )
        if made:
            told = {name: facts[name] for name in ("model", "credits")} | {"film": str(facts["film"])[:200]}
            Event.about_team(team, None, "difference", kind=str(UNKNOWN), job=job.id, **told)


def take_in(found: Discrepancy, admin: User) -> Generation | None:
    """Make a job that we did not know a generation of the team's, on the day it was made, with its film saved. None
    when that was done already, or cannot be done: a team that shares the key may have been faster.
    """
    try:
        job = Job.from_json(found.facts.get("job"))
    except UnexpectedAnswer:
        return None
    if found.kind != UNKNOWN or not may_be_taken_in(job) or Generation.objects.filter(job_id=job.id).exists():
        return None
    try:
        with transaction.atomic():
            generation = _written_down(found.team, job, found.team.next_revision())
            keep_film(generation, job)
            generation.record(actor=admin, to_state="completed", note={"job_id": job.id, "taken_in": True})
            _settle([found.pk], admin, generation=generation)
    except IntegrityError:
        return None
    wake(FILES)
    return generation


def may_be_taken_in(job: Job) -> bool:
    """Whether it is a film: keys may be used for pictures and music too."""
    return job.result_url is not None or job.model in catalogue.load().models


def _written_down(team: Team, job: Job, revision: int) -> Generation:
    now = timezone.now()
    given = dict(job.input or {})
    given_params, references = _params_and_references(team, job.model or "", given)
    generation = Generation.objects.create(
        id=uuid.uuid5(TAKEN_IN, job.id),  # one job is one row in all teams, whoever writes it down at the same moment
        team=team,
        click=uuid.uuid5(team.pk, job.id),
        model=(job.model or "unknown")[:LONGEST_MODEL],
        prompt=str(given.get("prompt") or ""),
        params=given_params,
        request=given or None,
        state="completed",
        state_since=now,
        created_at=not_to_come(job.created_at),
        sent_at=not_to_come(job.created_at),
        completed_at=not_to_come(job.completed_at),
        job_id=job.id,
        progress=100,
        provider_answer=dict(job.raw),
        credit_cost=job.credit_cost,
        spend=job.credit_cost or 0,
        revision=revision,
    )
    for reference in references:
        reference.generation = generation
    Reference.objects.bulk_create(references)
    return generation


def _params_and_references(team: Team, model_id: str, given: dict[str, Any]) -> tuple[dict[str, Any], list[Reference]]:
    """The settings and media of a request that somebody else made; of a model that we do not know, none."""
    try:
        model = catalogue.load().get(model_id)
    except catalogue.UnknownModel:
        return {}, []
    block = given.get(model.params_key) if model.params_key else None
    block = block if isinstance(block, dict) else {}
    media = {slot.param for slot in model.slots}
    params = {name: value for name, value in block.items() if name in model.params and name not in media}
    references = []
    for ref in model.references_in(block):
        if len(ref.value) > MAX_URL_LENGTH:
            continue
        asset = Asset.objects.filter(team=team, provider_id=ref.value.removeprefix("asset://")).exclude(provider_id="")
        known = asset.first()
        references.append(
            Reference(
                slot=ref.slot,
                position=ref.position,
                media_type=ref.media_type,
                asset=known,
                url="" if known else ref.value,
            )
        )
    return params, references


# --- settling --------------------------------------------------------------------------------------------------------
def dismiss(team: Team, ids: list[int], admin: User, why: str = "") -> int:
    """Put aside what an admin has seen, and keep why. Returns how many were still open."""
    number = 0
    with transaction.atomic():
        team.next_revision()
        for some in in_pieces(ids):
            number += _settle(
                list(team.discrepancies.filter(pk__in=some).values_list("pk", flat=True)), admin, why=why.strip()[:500]
            )
        if number:
            Event.about_team(team, admin, "put-aside", number=number, why=why.strip()[:500])
    return number


def close_what_is_settled(team: Team, before: datetime) -> int:
    """Close what was found `before` then and has come right since: the charge is corrected, the outcome adopted, the
    film saved or gone for good, the job known. Returns how many.
    """
    under_way = Video.objects.filter(generation=OuterRef("generation"), state="copying")
    known = Generation.objects.filter(job_id=OuterRef("job_id"))
    found = team.discrepancies.filter(settled_at=None, found_at__lt=before)
    right = found.filter(
        Q(kind__in=(CHARGE, STATE))
        | (Q(kind=UNSAVED) & ~Exists(under_way))
        | (Q(kind=UNKNOWN) & Exists(known))
        | (Q(kind=GIVEN_UP) & ~Q(generation__state="failed"))
        | (Q(kind=NOT_LISTED) & Q(generation__spend=0))
    )
    ids = list(right.values_list("pk", flat=True))
    if not ids:
        return 0
    with transaction.atomic():
        team.next_revision()
        return _settle(ids, None)


def _settle(ids: list[int], by: User | None, **columns: Any) -> int:
    return Discrepancy.objects.filter(pk__in=ids, settled_at=None).update(
        settled_at=timezone.now(), settled_by_id=by.pk if by else None, **columns
    )
