"""`python -m tests.upgrade.fill DIRECTORY`: make a filled database of the commit it runs on, and keep it there.

Run it on a checkout of the commit that is to be kept, not on HEAD: it speaks to the models' doors of that day, which is
why mypy leaves it out. For 9d17065:

    git worktree add --detach /tmp/then 9d17065 && cp -r tests/upgrade /tmp/then/tests/ && cd /tmp/then
    python -m tests.upgrade.fill tests/upgrade/9d17065
    python -m tests.postgres python -m tests.upgrade.fill tests/upgrade/9d17065

The first writes `castboard.sqlite3.gz`, the second `castboard.sql.gz`; both write `media.zip` and `seen.json`, and both
write the same: the clock stands, and what is random comes from a seed. Then copy that directory back.
"""

# ruff: noqa: E402 (chance and the clock are fixed before anything that reads them is imported)
from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

_chance = random.Random(9017065)
os.urandom = random._urandom = _chance.randbytes  # type: ignore[attr-defined]
random.seed(9017065)

import time_machine

from tests.upgrade import kept

if __name__ == "__main__":
    os.environ.update(kept.ENVIRONMENT | {"DATA_DIR": tempfile.mkdtemp(prefix="castboard-filled-")})
    clock = time_machine.travel(kept.BEGAN, tick=False).start()

import django

django.setup()

import hashlib
import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from assets_app import tasks
from assets_app.apiframe.results import Job
from assets_app.cuts import Cut
from assets_app.engine import differences, retrying
from assets_app.films import changes as film_changes
from assets_app.films import making
from assets_app.films import trash as film_trash
from assets_app.library import changes, trash
from assets_app.models import (
    Asset,
    Budget,
    Candidate,
    Comparison,
    Connection,
    Discrepancy,
    Generation,
    Heartbeat,
    Lease,
    MadeBy,
    Membership,
    NewAsset,
    NewCandidate,
    NewFile,
    NewReference,
    Original,
    Preset,
    SavedView,
    Share,
    SpendingLimit,
    Team,
    Video,
    add_cut,
    add_file,
    found,
    invite,
    look_at,
    register_all,
    share,
)
from assets_app.models.registering import renew, replace_source
from assets_app.money.ordering import Order, start
from tests.media import samples

PARAMS = {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9", "generate_audio": True}
DRAFT = PARAMS | {"resolution": "480p"}
DAY = timedelta(days=1)


def later(**by: float) -> None:
    clock.shift(timedelta(**by))


def fill() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    tasks.ensure_schedules()
    dailies = Dailies()
    dailies.people()
    dailies.library()
    dailies.candidates()
    dailies.films()
    dailies.shots_in_a_row()
    dailies.ends()
    dailies.money()
    dailies.links()
    dailies.differences()
    the_others()
    must_have_all_states()
    Heartbeat.beat()
    Lease.take("assets", uuid.uuid4())
    Budget.objects.create(fingerprint=dailies.team.connection.fingerprint, next_free=timezone.now().timestamp())


def must_have_all_states() -> None:
    for model in (Asset, Generation, Original, Video, Candidate):
        missing = set(model.machine) - set(model.objects.values_list("state", flat=True))
        if missing:
            raise AssertionError(f"no {model.__name__} is {', '.join(missing)}")


def person(name: str, email: str = "") -> User:
    return User.objects.create_user(name, email)


def connect(team: Team, key: str, **columns: Any) -> None:
    connection = Connection(team=team, **columns)
    connection.api_key = key
    connection.save()


def keep_file(folder: str, content: bytes, suffix: str) -> tuple[str, str]:
    """Where it is kept now, and its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    return default_storage.save(f"{folder}/{sha256[:20]}{suffix}", ContentFile(content)), sha256


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (64, 36)) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        return samples.picture(Path(directory) / "it.jpg", "JPEG", size=size, fill=colour).read_bytes()


def film_of(colour: tuple[int, int, int]) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        made = samples.film(
            Path(directory) / "it.mp4", seconds=0.25, size=(64, 36), sound=None, colour_at=lambda _: colour
        )
        return made.read_bytes()


def job_of(film: Generation, status: str, **told: Any) -> Job:
    return Job.from_json(
        {
            "id": film.job_id or f"job-{film.pk.hex[:12]}",
            "status": status,
            "model": film.model,
            "createdAt": film.created_at.isoformat(),
            "completedAt": timezone.now().isoformat(),
            **told,
        }
    )


class Dailies:
    """The team that has everything."""

    def people(self) -> None:
        self.ada, self.edda = person("ada", "ada@studio.example"), person("edda")
        self.vito, self.gone = person("vito"), person("gone")
        self.ada.set_password("a long way to the harbour")
        self.ada.save()
        self.team = found("Dailies", "dailies", self.ada)
        self.admin = Membership.objects.get(user=self.ada)
        connect(self.team, "afk_live_dailies_0123456789", base_url="https://api.apiframe.ai", credits=41_860)
        for user in (self.edda, self.vito, self.gone):
            later(minutes=3)
            invitation, self.used_token = invite(self.team, self.ada, "editor", 7 * DAY, note=user.username)
            invitation.accept(user)
        membership = Membership.objects.get(user=self.vito)
        membership.change_role("viewer", by=self.admin)
        Membership.objects.get(user=self.gone).end(by=self.admin)
        User.objects.filter(pk=self.gone.pk).update(is_active=False)
        studio = {"model": "seedance-2", "params": {"seedance-2": PARAMS}}
        Membership.objects.filter(user=self.edda).update(studio=studio, asks_first=False)
        Team.objects.filter(pk=self.team.pk).update(confirm_above=500, film_names="{date}_{asset}_{take}")
        self.team.refresh_from_db()
        invite(self.team, self.ada, "viewer", 7 * DAY, note="the client")
        taken_back, _ = invite(self.team, self.ada, "admin", 7 * DAY, note="by mistake")
        taken_back.revoke(self.ada)
        invite(self.team, self.ada, "editor", timedelta(hours=1), note="too late")

    # --- the library -------------------------------------------------------------------------------------------------
    def library(self) -> None:
        names = [
            "Courier",
            "Harbour",
            "Lantern",
            "Voice of the captain",
            "Tram",
            "Rooftop",
            "Alley",
            "Kitchen",
            "Market",
            "Bridge",
            "Forest",
            "Old logo",
        ]
        types = {"Voice of the captain": "audio", "Tram": "video"}
        for name in names:
            later(minutes=2)
            url = f"https://media.example/{name.replace(' ', '_')}.bin"
            register_all(self.team, self.edda, [NewAsset(url, types.get(name, "image"), name)])
        self.register("Courier", (200, 40, 40))
        self.register("Harbour", (40, 90, 200))
        self.register("Lantern", (240, 200, 40))
        self.register("Voice of the captain", None)
        self.register("Tram", (90, 90, 90))
        self.register("Bridge", (10, 120, 60))
        self.register("Forest", (10, 80, 20))
        self.register("Old logo", (1, 2, 3))
        self.asset("Rooftop").move("processing", provider_id="prov-rooftop")
        for name, why in (("Alley", "Image width must be between 300px and 6000px"), ("Kitchen", "Internal error")):
            later(minutes=1)
            asset = self.asset(name)
            asset.move("processing", provider_id=f"prov-{name}")
            asset.move("failed", reason=why)
            self.copy_of(name).move("lost", reason="The address answers 404.")
        self.asset("Kitchen").dismiss(self.edda)
        renew(self.asset("Bridge"), "The provider does not know it any more.")
        self.asset("Bridge").move("processing", provider_id="prov-bridge-2")
        self.asset("Bridge").move("active", verified_at=timezone.now())
        replace_source(self.asset("Forest"), "https://media.example/forest-2.bin", self.edda)
        self.uploads()
        self.words_about_them()
        self.parts_of_them()

    def asset(self, name: str) -> Asset:
        return Asset.objects.get(team=self.team, name=name)

    def copy_of(self, name: str) -> Original:
        return Original.objects.get(asset__team=self.team, asset__name=name)

    def register(self, name: str, colour: tuple[int, int, int] | None) -> None:
        later(minutes=1)
        asset = self.asset(name)
        asset.move("processing", provider_id=f"prov-{name.split()[0].lower()}")
        later(seconds=20)
        asset.move("active", active_at=timezone.now(), verified_at=timezone.now(), took_seconds=20.0)
        if colour is None:
            self.copy_of(name).move("lost", reason="The address answers 403.")
            return
        copy, is_film = self.copy_of(name), asset.media_type == "video"
        content = film_of(colour) if is_film else picture(colour)
        file, sha256 = keep_file(copy.folder, content, ".mp4" if is_film else ".jpg")
        poster, _ = keep_file(copy.folder, picture(colour, (32, 18)), ".jpg")
        facts = {"seconds": 0.25, "fps": 24.0, "has_audio": False} if is_film else {}
        copy.move(
            "saved",
            file=file,
            poster=poster,
            sha256=sha256,
            content_type="video/mp4" if is_film else "image/jpeg",
            byte_size=len(content),
            width=64,
            height=36,
            **facts,
        )

    def uploads(self) -> None:
        """Files that people gave: one that is looked into, one we would not send, one that the provider forgot."""
        for name in ("Storyboard", "Tiny", "Gone for good"):
            later(minutes=1)
            pk, content = uuid.uuid4(), picture((len(name), 0, 0))
            file, sha256 = keep_file(f"{self.team.pk}/originals/{pk}", content, ".jpg")
            add_file(self.team, self.edda, NewFile(pk, name, "image", file, sha256, "image/jpeg", len(content)))
        self.asset("Tiny").move("rejected", reason="64 × 36 pixels; the provider takes 300 at least.")
        lost = self.asset("Gone for good")
        lost.move("queued")
        lost.move("processing", provider_id="prov-gone")
        lost.move("active", verified_at=timezone.now())
        default_storage.delete(self.copy_of("Gone for good").file.name)
        Original.objects.filter(pk=lost.pk).update(file="", state="lost", reason="The file is not there any more.")
        renew(lost, "The provider does not know it any more.")

    def words_about_them(self) -> None:
        courier, harbour, lantern = (self.asset(name) for name in ("Courier", "Harbour", "Lantern"))
        changes.edit(courier, self.edda, kind="character", notes="Red coat, never the blue one", rating=5)
        changes.edit(courier, self.ada, rights_note="Signed by the agency", rights_until=date(2027, 6, 30))
        changes.set_for_all(self.team, self.ada, [harbour, lantern], "kind", "place")
        changes.tag(self.team, self.edda, [courier, harbour], changes.tags_named(self.team, ["night", "hero"]))
        changes.untag(self.team, self.edda, [harbour], changes.tags_named(self.team, ["hero"]))
        changes.collect(self.team, self.edda, [courier, lantern], changes.collection_named(self.team, "Trailer"))
        changes.collection_named(self.team, "Empty so far")
        changes.star(self.edda, [courier])
        changes.star(self.vito, [courier, lantern])
        SavedView.objects.create(team=self.team, name="Heroes at night", query="tag=1", created_by=self.edda)
        SavedView.objects.create(team=self.team, name="Places", query="kind=place", created_by=self.ada, position=1)

    def parts_of_them(self) -> None:
        add_cut(self.asset("Harbour"), self.edda, Cut(box=(0, 0, 36, 36)))
        add_cut(self.asset("Tram"), self.edda, Cut(seconds=0.125))

    def candidates(self) -> None:
        """A list of links that is being checked: one in each state."""
        urls = [f"https://media.example/wish-{state}.jpg" for state in ("a", "b", "c", "d", "e")]
        known = NewCandidate("https://media.example/Courier.bin", "image", self.asset("Courier"))
        looking = look_at(self.team, self.edda, [*(NewCandidate(url, "image") for url in urls), known])
        looking[1].move("ready", name="A wish that is fit")
        looking[2].move("refused", reason="64 × 36 pixels; the provider takes 300 at least.", anyway=True)
        looking[3].move("unreachable", reason="The address answers 404.")
        looking[4].move("unchecked", reason="It needs a sign-in, which we do not have.")

    # --- films -------------------------------------------------------------------------------------------------------
    def order(self, prompt: str, by: User, *references: NewReference, **columns: Any) -> list[Generation]:
        later(minutes=7)
        order = {
            "click": uuid.uuid4(),
            "model": "seedance-2",
            "prompt": prompt,
            "params": PARAMS,
            "references": references,
            "estimate": (144, 144),
            "price_key": "720p",
            "seconds": 8,
        }
        return start(self.team, by, Order(**order | columns))

    def send(self, film: Generation, to: str = "processing") -> Generation:
        """Take it as far as `to` on the way that the engine takes."""
        if film.state == "waiting":
            film.move("queued")
        later(seconds=2)
        sent = {"sent_at": timezone.now(), "request": film.build_request(None), "sent_with": "f" * 64}
        if to == "unconfirmed":
            film.move("unconfirmed", reason="The provider did not answer in time.", **sent)
            return film
        film.move("submitted", job_id=f"job-{film.pk.hex[:12]}", **sent)
        if to == "processing":
            film.move("processing", progress=40)
        return film

    def finish(self, film: Generation, colour: tuple[int, int, int], cost: int | None = 144) -> Generation:
        self.send(film)
        later(seconds=95)
        film.move(
            "completed",
            progress=100,
            credit_cost=cost,
            completed_at=timezone.now(),
            provider_answer={"id": film.job_id, "status": "COMPLETED"},
        )
        video = Video.objects.create(
            generation=film, team=self.team, source_url=f"https://cdn.example/{film.job_id}.mp4", state="copying"
        )
        later(seconds=3)
        content = film_of(colour)
        file, sha256 = keep_file(video.folder, content, ".mp4")
        poster, _ = keep_file(video.folder, picture(colour), ".jpg")
        facts = {"content_type": "video/mp4", "byte_size": len(content), "width": 64, "height": 36, "seconds": 0.25}
        video.move("saved", file=file, poster=poster, clip="", sha256=sha256, fps=24.0, has_audio=False, **facts)
        return film

    def films(self) -> None:
        courier = NewReference("reference_image", "image", self.asset("Courier"))
        rooftop = NewReference("reference_image", "image", self.asset("Rooftop"))
        by_url = NewReference("reference_image", "image", url="https://media.example/direct.jpg")
        mentions = {"Courier": str(courier.asset.pk)}
        self.order("Waits until the rooftop is Active", self.edda, courier, rooftop)
        self.order("Stands in the queue", self.edda)
        self.send(*self.order("Nobody knows whether it arrived", self.edda, courier), to="unconfirmed")
        self.send(*self.order("The provider has it", self.vito), to="submitted")
        self.send(*self.order("It is being rendered", self.edda))
        takes = self.order("@Courier rides through the rain", self.edda, courier, by_url, takes=3, mentions=mentions)
        self.first, self.second, third = takes
        self.finish(self.first, (120, 0, 0))
        self.finish(self.second, (140, 0, 0), cost=150)
        third.cancel(self.edda)
        self.first.rate(self.edda, 5)
        self.first.mark_followed(self.ada, "yes")
        self.first.annotate(self.edda, "The one for the trailer", "")
        self.second.mark_followed(self.edda, "partly")
        self.second.rate(self.ada, 2)
        self.first.star(self.edda, on=True)
        (draft,) = self.order(
            "A draft of the market",
            self.edda,
            params=DRAFT,
            is_draft=True,
            estimate=(56, 56),
            draft_of={"model": "seedance-2", "params": PARAMS},
        )
        self.finish(draft, (0, 120, 0), cost=56)
        (final,) = self.order("A draft of the market", self.edda, made_from=draft, origin="final")
        self.finish(final, (0, 140, 0))
        (again,) = self.order("A draft of the market", self.ada, made_from=final, origin="again")
        self.finish(again, (0, 160, 0), cost=None)
        self.finish(*self.order("A market, edited", self.ada, made_from=final, origin="edit"), (0, 180, 0))
        (old,) = self.order("Of a model that is not offered any more", self.ada, estimate=(None, None))
        self.finish(old, (9, 9, 9), cost=30)
        Generation.objects.filter(pk=old.pk).update(model="gone-1")

    def shots_in_a_row(self) -> None:
        """Each begins with the last frame of the one before it."""
        before = self.first
        for shot in range(2, 5):
            frame = making.make(before, MadeBy.LAST_FRAME, self.edda)
            frame.move("queued")
            frame.move("processing", provider_id=f"prov-frame-{shot}")
            frame.move("active", verified_at=timezone.now())
            begins = NewReference("start_image", "image", frame)
            (film,) = self.order(f"Shot {shot} of the ride", self.edda, begins, made_from=before, origin="next")
            before = self.finish(film, (0, 0, 60 * shot))
        making.make(before, MadeBy.FILM, self.edda)

    def ends(self) -> None:
        """What went wrong, what was thrown away, and what became of it."""
        (copying,) = self.order("Finished, and being saved", self.edda)
        self.finish(copying, (50, 50, 0))
        Video.objects.filter(pk=copying.pk).update(state="copying", file="", poster="", due_at=timezone.now())
        (lost,) = self.order("Finished, and not saved", self.edda)
        self.finish(lost, (50, 50, 50))
        Video.objects.filter(pk=lost.pk).update(
            state="lost", file="", poster="", reason="The provider has deleted the film."
        )
        (refused,) = self.order("Refused for its words", self.vito)
        self.send(refused).move("failed", reason="Content flagged: sensitive content detected in the prompt")
        (crowded,) = self.order("No room at the provider", self.edda)
        self.send(crowded).move("failed", reason="Server is at capacity, please try again later")
        retrying.try_again(crowded)
        (never,) = self.order("Never sent", self.edda, NewReference("reference_image", "image", self.asset("Alley")))
        never.move("failed", reason="Never sent, nothing charged: “Alley” did not become Active.")
        (given_up,) = self.order("Given up", self.edda)
        self.send(given_up, to="unconfirmed").move(
            "failed", spend=144, reason="Nobody knows whether it was made, so its credits count until somebody says so."
        )
        self.given_up = given_up
        for prompt, is_purged in (("In the trash", False), ("Deleted for good", True)):
            (film,) = self.order(prompt, self.edda)
            self.finish(film, (7, 7, 70))
            film_changes.throw_away(self.team, self.ada, [film])
            if is_purged:
                film_trash.purge([film], self.ada)
        restored = self.order("Back from the trash", self.edda)
        self.finish(restored[0], (7, 70, 7))
        film_changes.throw_away(self.team, self.edda, restored)
        film_changes.restore(self.team, self.edda, restored)
        lantern = NewReference("reference_image", "image", self.asset("Lantern"))
        self.finish(*self.order("Made with what was deleted since", self.edda, lantern), (70, 7, 7))
        self.thrown = [self.asset("Lantern"), self.asset("Old logo"), self.asset("Market"), self.asset("Kitchen")]
        trash.throw_away(self.team, self.edda, self.thrown)
        trash.purge(self.thrown[:2], self.ada)

    # --- money, links, differences -----------------------------------------------------------------------------------
    def money(self) -> None:
        for user, period, warn_at, stop_at in (
            (None, "month", 30_000, 40_000),
            (None, "day", None, 9_000),
            (self.edda, "week", 3_000, None),
            (self.vito, "month", 100, 200),
        ):
            SpendingLimit.objects.create(team=self.team, user=user, period=period, warn_at=warn_at, stop_at=stop_at)
        Preset.objects.create(
            team=self.team,
            name="Rain, hand-held",
            model="seedance-2",
            prompt="@Courier in the rain, hand-held",
            mentions={"Courier": str(self.asset("Courier").pk)},
            params=PARAMS,
            created_by=self.edda,
        )
        Preset.objects.create(team=self.team, name="Dusk", prompt="at dusk, long shadows", created_by=self.ada)

    def links(self) -> None:
        later(hours=1)
        for days, shows_prompt in ((7, False), (30, True)):
            share(self.first, self.edda, days * DAY, shows_prompt=shows_prompt).note_opening()
        share(self.second, self.edda, 7 * DAY).revoke(self.ada)
        over = share(self.second, self.ada, DAY)
        Share.objects.filter(pk=over.pk).update(expires_at=timezone.now() - DAY)

    def differences(self) -> None:
        later(hours=1)
        charged = job_of(self.second, "COMPLETED", creditCost=160)
        differences.settle(Generation.objects.get(pk=self.second.pk), charged)
        for number, prompt in enumerate(("Somebody else's job", "Seen and closed"), start=1):
            job = job_of(self.first, "COMPLETED", creditCost=90, input={"prompt": prompt})
            differences.list_unknown(self.team, Job.from_json({**job.raw, "id": f"job-unknown-{number}"}))
        differences.dismiss(self.team, [Discrepancy.objects.get(job_id="job-unknown-2").pk], self.ada)
        Discrepancy.objects.create(
            team=self.team,
            kind="given_up",
            job_id=str(self.given_up.pk),
            generation=self.given_up,
            facts={"film": self.given_up.prompt, "model": self.given_up.model, "ours": 144},
        )
        night = timezone.now() + timedelta(hours=12)
        Comparison.objects.create(
            team=self.team,
            fingerprint=self.team.connection.fingerprint,
            compared_until=timezone.now(),
            finished_at=timezone.now(),
            jobs_compared=23,
            due_at=night,
        )


def the_others() -> None:
    """A second team, which plays, and a third one whose name became a word of ours later."""
    stan = person("stan")
    for name, slug in (("Second unit", "second-unit"), ("Motion capture", "mcp")):
        later(minutes=5)
        team = found(name, slug, stan)
        connect(team, f"afk_{slug}", base_url="http://127.0.0.1:8001", is_sandbox=True, credits=5_000)
        register_all(team, stan, [NewAsset("https://media.example/Courier.bin", "image", f"Courier of {slug}")])
    order = Order(uuid.uuid4(), "seedance-2", "A film of the second unit", PARAMS, estimate=(144, 144), seconds=8)
    start(Team.objects.get(slug="second-unit"), stan, order)


def main() -> None:
    directory = Path(sys.argv[1])
    fill()
    later(minutes=1)
    kept.keep(directory)
    from tests.upgrade import seen  # its looking leaves traces, such as when a link was opened: keep first

    kept.keep_seen(directory, at=timezone.now(), seen=seen.all_of_it())


if __name__ == "__main__":
    main()
