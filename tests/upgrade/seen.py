"""`python -m tests.upgrade.seen MOMENT`: what people see of a filled database at that moment, as JSON.

How a fact is read follows the code; what was read of an earlier version stays as it is kept, so a fact that comes out
otherwise is one that an upgrade changed. Only what people see counts: no column names, no addresses of pages.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

import django
import time_machine

from tests.upgrade import kept

if __name__ == "__main__":
    os.environ.update(kept.ENVIRONMENT | {name: os.environ[name] for name in kept.ENVIRONMENT if name in os.environ})
    time_machine.travel(sys.argv[1], tick=True).start()

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from assets_app.models import (  # noqa: E402
    Asset,
    Candidate,
    Event,
    Generation,
    Invitation,
    Membership,
    Preset,
    SavedView,
    Share,
    SpendingLimit,
    Team,
)
from assets_app.money import limits, sums  # noqa: E402
from assets_app.views.history import AssetLine, FilmLine  # noqa: E402

ON_ONE_PAGE = 12
HOST = {"HTTP_HOST": "127.0.0.1"}


def all_of_it() -> dict[str, Any]:
    teams = {team.name: Seen(team) for team in Team.objects.order_by("created_at")}
    return {
        "teams": {name: seen.facts() for name, seen in teams.items()},
        "people": {user.username: [user.email, user.is_active] for user in User.objects.order_by("pk")},
        "signs in": Client(**HOST).login(username="ada", password="a long way to the harbour"),
        "links": {each.token: _behind_link(each.token) for each in Share.objects.order_by("pk")},
        "missing from the pages": [words for seen in teams.values() for words in seen.missing()],
    }


def _behind_link(token: str) -> list[Any]:
    page = Client(**HOST).get(reverse("share", args=[token]))
    return [page.status_code, _sha256_of(Client(**HOST).get(reverse("share-file", args=[token])))]


def _sha256_of(answer: Any) -> str:
    """Of the file that it brings; "" when it brings none."""
    return hashlib.sha256(b"".join(answer)).hexdigest() if answer.status_code == 200 else ""


class Seen:
    """One team, as its first admin sees it."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.client = Client(**HOST)
        self.client.force_login(Membership.objects.filter(team=team, role="admin").earliest("pk").user)
        self.assets = list(Asset.objects.filter(team=team).select_related("original").order_by("number"))
        self.films = list(Generation.objects.filter(team=team).select_related("video").order_by("created_at", "pk"))

    def facts(self) -> dict[str, Any]:
        team = self.team
        views = SavedView.objects.filter(team=team)
        return {
            "assets": {str(asset.pk): self._asset(asset) for asset in self.assets},
            "films": {str(film.pk): self._film(film) for film in self.films},
            "people": {each.user.username: each.role for each in team.memberships.order_by("pk")},
            "history of the team": [
                [_moment(each.at), _name(each.actor), each.to_state, each.note, each.note.get("said", "")]
                for each in Event.objects.filter(team=team, asset=None, generation=None).order_by("pk")
            ],
            "labels": {
                kind: sorted([label.name, label.assets_count] for label in labels.all())
                for kind, labels in (("tags", team.tags), ("collections", team.collections))
            },
            "views": [[each.name, each.query, _name(each.created_by)] for each in views],
            "presets": [
                [each.name, each.model, each.prompt, each.mentions, each.params, _name(each.created_by)]
                for each in Preset.objects.filter(team=team)
            ],
            "links being checked": [
                [each.name, each.source_url, each.status.label, each.reason, _name(each.created_by)]
                for each in Candidate.objects.filter(team=team).order_by("created_at")
            ],
            "invitations": [
                [each.note, each.role, each in Invitation.objects.open()]
                for each in Invitation.objects.filter(team=team).order_by("created_at", "pk")
            ],
            "money": self._money(),
            "settings": {
                "key": team.connection.api_key,
                "provider": team.connection.base_url,
                "asks above": team.confirm_above,
                "names of films": team.film_names,
                "keeps originals": team.keep_originals,
            },
        }

    def _money(self) -> dict[str, Any]:
        team, cost = self.team, sums.of(self.team.generations.all())
        return {
            "spent": [cost.credits, cost.held, cost.films, cost.free],
            "by person": {
                _name(User.objects.filter(pk=pk).first()): cost.credits for pk, cost in sums.of_people(team).items()
            },
            "by collection": {
                team.collections.get(pk=pk).name: cost.credits for pk, cost in sums.of_collections(team).items()
            },
            "balance": team.connection.credits,
            "budgets": [
                [_name(each.user), each.period, each.warn_at, each.stop_at, self._spent_of(each)]
                for each in SpendingLimit.objects.filter(team=team).order_by("pk")
            ],
            "differences": [
                [each.kind, each.job_id, each.facts.get("film"), each.settled_at is not None]
                for each in team.discrepancies.order_by("pk")
            ],
        }

    def _spent_of(self, limit: SpendingLimit) -> int:
        films = Generation.objects.filter(team=self.team, created_at__gte=limits.began(limit.period))
        return sums.of(films.filter(created_by=limit.user) if limit.user else films).credits

    def _asset(self, asset: Asset) -> dict[str, Any]:
        original = asset.original
        return {
            "name": asset.name,
            "is": asset.status.label,
            "because": asset.reason,
            "type": asset.media_type,
            "source": asset.source_url,
            "at the provider": asset.reference_url,
            "added": [_name(asset.created_by), _moment(asset.created_at)],
            "said of it": [asset.get_kind_display(), asset.notes, asset.rating, asset.rights_note],
            "may be used until": str(asset.rights_until or ""),
            "tags": sorted(asset.tags.values_list("name", flat=True)),
            "collections": sorted(asset.collections.values_list("name", flat=True)),
            "stars": sorted(asset.stars.values_list("user__username", flat=True)),
            "comes of": [str(asset.cut_from or ""), str(asset.made_from_id or ""), asset.get_made_by_display()],
            "dismissed": asset.dismissed_at is not None,
            "in the trash": [_moment(asset.trashed_at), _name(asset.trashed_by), _moment(asset.purged_at)],
            "our copy": [original.status.label, original.reason, original.byte_size, original.width, original.cut],
            "file": self._file("asset-file", asset),
            "poster": self._file("asset-poster", asset),
            "history": [_line(AssetLine(each)) for each in asset.events.order_by("pk")],
        }

    def _film(self, film: Generation) -> dict[str, Any]:
        video = getattr(film, "video", None)
        return {
            "prompt": [film.prompt, film.mentions],
            "model": [film.model, film.params],
            "is": film.status.label,
            "because": film.reason,
            "asked for": [_name(film.created_by), _moment(film.created_at), str(film.click), film.take],
            "costs": [film.estimate_low, film.estimate_high, film.credit_cost, film.spend],
            "sent": [_moment(film.sent_at), film.job_id, film.request],
            "draft": [film.is_draft, film.draft_of],
            "comes of": [film.get_origin_display(), str(film.made_from_id or "")],
            "made with": [[each.slot, each.position, each.identity] for each in film.references.all()],
            "said of it": [film.rating, film.followed, film.notes],
            "stars": sorted(film.stars.values_list("user__username", flat=True)),
            "in the trash": [_moment(film.trashed_at), _name(film.trashed_by), _moment(film.purged_at)],
            "our copy": [video.status.label, video.reason, video.seconds, video.byte_size] if video else None,
            "file": self._file("video-file", film),
            "poster": self._file("video-poster", film),
            "shared": [
                [_moment(each.expires_at), each.revoked_at is not None, _moment(each.opened_at), each.shows_prompt]
                for each in film.shares.order_by("pk")
            ],
            "history": [_line(FilmLine(each)) for each in film.events.order_by("pk")],
        }

    def _file(self, route: str, row: Asset | Generation) -> str:
        return _sha256_of(self.client.get(reverse(route, args=[self.team.slug, row.pk])))

    # --- on pages ----------------------------------------------------------------------------------------------------
    def missing(self) -> list[str]:
        """What should stand on the team's pages and does not."""
        spent = f"{sums.of(self.team.generations.all()).credits:,}"
        pages: list[tuple[str, list[Any], Iterable[str]]] = [
            ("assets", [], [each.name for each in self.assets if each.is_live]),
            ("trash", [], [each.name for each in self.assets if each.trashed_at and not each.purged_at]),
            ("videos", [], [each.prompt for each in self.films if not each.trashed_at][-ON_ONE_PAGE:]),
            ("videos-trash", [], [each.prompt for each in self.films if each.trashed_at and not each.purged_at]),
            ("usage", [], [spent] if self.films else []),
            ("budgets", [], [f"{each.stop_at or each.warn_at:,}" for each in self.team.spending_limits.all()]),
            ("members", [], [each.user.username for each in self.team.memberships.all()]),
            ("views", [], SavedView.objects.filter(team=self.team).values_list("name", flat=True)),
            ("labels", [], self.team.tags.values_list("name", flat=True)),
            ("studio", [], []),
            ("activity", [], []),
            *(("asset", [each.pk], [each.name]) for each in _one_of_each_state(self.assets)),
            *(("video", [each.pk], [each.prompt]) for each in _one_of_each_state(self.films)),
        ]
        return [
            f"{route} of {self.team.name}: {words}"
            for route, arguments, wanted in pages
            for words in self._not_on_page(reverse(route, args=[self.team.slug, *arguments]), wanted)
        ]

    def _not_on_page(self, address: str, wanted: Iterable[str]) -> list[str]:
        answer = self.client.get(address)
        if answer.status_code != 200:
            return [f"{answer.status_code} {address}"]
        page = _words(answer.content.decode())
        return [words for words in wanted if _words(words) not in page]


def _one_of_each_state(rows: Iterable[Any]) -> Iterable[Any]:
    return {row.state: row for row in rows if not row.trashed_at}.values()


def _words(markup: str) -> str:
    """Without tags and the spaces around them: a name may be cut up by marks that people do not see."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", markup)))


def _line(line: AssetLine | FilmLine) -> list[str]:
    return [_moment(line.event.at), _name(line.event.actor), line.words, line.event.reason]


def _name(user: User | None) -> str:
    return user.username if user else ""


def _moment(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else ""


if __name__ == "__main__":
    json.dump(all_of_it(), sys.stdout, ensure_ascii=False)
