"""Where somebody is signed in, and until when: no session outlives two weeks, nor three days in which nobody came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SIGNED_IN = "signed_in"  # the session's key for what is noted here
LONGEST = timedelta(days=14)
LONGEST_UNUSED = timedelta(days=3)
NOTED_EVERY = timedelta(hours=1)
MOST_READ = 2_000
DELETED_AT_ONCE = 500


@dataclass(frozen=True)
class SignedIn:
    """One browser in which somebody is signed in; the times of one from an earlier version are not known."""

    key: str
    is_this: bool
    since: datetime | None = None
    seen: datetime | None = None
    address: str = ""
    browser: str = ""


def begin(request: HttpRequest) -> None:
    """Note that somebody has just signed in."""
    now = timezone.now().isoformat()
    agent = request.headers.get("User-Agent", "")
    request.session[SIGNED_IN] = {"since": now, "seen": now, "address": get_ip(request), "browser": browser_in(agent)}


def browser_in(agent: str) -> str:
    """What a person would call it, as in “Firefox on Windows”; "" for what says nothing of the kind."""
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    found = [next((name for sign, name in names.items() if sign in agent), "") for names in (browsers, systems)]
    return " on ".join(filter(None, found))


def of(user: User, request: HttpRequest) -> list[SignedIn]:
    """Theirs, this one first and then the latest used. Whose a session is stands inside it, so for a page no more of
    all people's are opened than MOST_READ, those that somebody was in last.
    """
    found = [_read(session, request) for session in _of(user, most=MOST_READ)]
    never = datetime.min.replace(tzinfo=timezone.get_default_timezone())
    return sorted(found, key=lambda each: (each.is_this, each.seen or never), reverse=True)


def end_others(user: User, request: HttpRequest) -> int:
    """Sign them out everywhere but here. Returns in how many places."""
    return _end([each for each in _of(user) if each.session_key != request.session.session_key])


def end_all(user: User) -> int:
    """Sign them out everywhere. Returns in how many places."""
    return _end(list(_of(user)))


def _of(user: User, most: int | None = None) -> Iterator[Session]:
    live = Session.objects.filter(expire_date__gt=timezone.now()).order_by("-expire_date")[:most]
    return (each for each in live.iterator() if each.get_decoded().get(SESSION_KEY) == str(user.pk))


def _end(found: list[Session]) -> int:
    for start in range(0, len(found), DELETED_AT_ONCE):
        Session.objects.filter(pk__in=[each.pk for each in found[start : start + DELETED_AT_ONCE]]).delete()
    return len(found)


def _read(session: Session, request: HttpRequest) -> SignedIn:
    noted = session.get_decoded().get(SIGNED_IN) or {}
    times = {name: datetime.fromisoformat(noted[name]) for name in ("since", "seen") if noted.get(name)}
    return SignedIn(
        key=session.session_key,
        is_this=session.session_key == request.session.session_key,
        address=noted.get("address", ""),
        browser=noted.get("browser", ""),
        **times,
    )


class SessionEndsMiddleware:
    """Ends a session that is too old, or was left alone too long. Costs a write an hour, no query else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if noted := request.session.get(SIGNED_IN):
            now = timezone.now()
            since, seen = (datetime.fromisoformat(noted[name]) for name in ("since", "seen"))
            if now - since >= LONGEST or now - seen >= LONGEST_UNUSED:
                logout(request)
            elif now - seen >= NOTED_EVERY:
                request.session[SIGNED_IN] = {**noted, "seen": now.isoformat()}
        return self.get_response(request)
