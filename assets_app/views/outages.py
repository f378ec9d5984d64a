"""What is answered when something outside of us is ill, and no mistake of ours: the disk is full, or the database is
busy or away. The truth, and what to do; everything goes on by itself when it is over.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views import defaults

from assets_app.media.room import is_full, is_want_of_room

RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True)
class Outage:
    """`so` is what follows for whoever asked."""

    status: int
    what: str
    so: str

    @property
    def words(self) -> str:
        return f"{self.what} {self.so}"

    def as_json(self) -> JsonResponse:
        return JsonResponse({"problem": self.words}, status=self.status)


DISK_IS_FULL = Outage(
    507,
    "The disk of this server is full.",
    "Nothing new can be saved until whoever runs it makes room. Everything goes on by itself then.",
)
DATABASE_IS_BUSY = Outage(
    503,
    "The database is busy.",
    "What you sent may not have been saved. Try again in a moment.",
)


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage that an error came of; None for a mistake of ours."""
    if is_want_of_room(error):
        return DISK_IS_FULL
    if isinstance(error, OperationalError | InterfaceError):
        return DISK_IS_FULL if disk_is_full() else DATABASE_IS_BUSY  # SQLite also calls it an I/O error
    return None


def disk_is_full() -> bool:
    try:
        return is_full(settings.DATA_DIR)
    except OSError:
        return False


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error that nobody caught, wherever it came up. It asks neither database nor disk."""
    outage = outage_of(sys.exc_info()[1])
    if outage is None:
        return defaults.server_error(request)
    if "application/json" in request.headers.get("Accept", ""):
        answer: HttpResponse = outage.as_json()
    else:
        page = loader.get_template("outage.html").render({"outage": outage})
        answer = HttpResponse(page, status=outage.status)
    if outage.status == DATABASE_IS_BUSY.status:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer
