"""Files that people drop, pick or paste: one a request, to our storage first and from there to the provider."""

from __future__ import annotations

import re
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.apiframe.uploads import LARGEST_UPLOAD, too_big
from assets_app.engine.files import SUFFIXES
from assets_app.engine.missing import look_after
from assets_app.engine.storing import incoming_directory
from assets_app.forms.candidates import GivenToAll
from assets_app.media.facts import ProbeError
from assets_app.media.receiving import ReceivedFile, ToDisk
from assets_app.media.sniff import content_type_in
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, NewFile, Original, add_file, sameness
from assets_app.models.media_use import has_room, most_bytes
from assets_app.models.registering import spaced
from assets_app.models.waiting import TooMuchWaits, refuse_another_upload
from assets_app.templatetags.castboard import gigabytes
from assets_app.views.access import editors_only
from assets_app.views.outages import outage_of
from assets_app.views.token_first import WrongToken, files_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_ENDING = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,5}")
LARGEST = max(LARGEST_UPLOAD.values())
FORM_AROUND_IT = 64 * 1024


class Refused(Exception):
    """Why a file is not taken, in plain words, with the HTTP status that says so."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.words, self.status = words, status


NO_ROOM = (
    "There is no room for it: this team’s media may take {}. Delete some for good, or ask whoever runs this Castboard "
    "for more."
)
OLD_PAGE = "This page is older than your sign-in, so nothing was sent. Load it again."


@csrf_exempt  # `files_in` checks the token, before it reads the file
@require_POST
@editors_only
def upload(request: TeamRequest) -> HttpResponse:
    """Take the one file in "file". 201 with the new asset, 200 with the one that has this content already, else
    `{"problem": why}`.
    """
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > LARGEST + FORM_AROUND_IT:
        return JsonResponse({"problem": too_big(size, LARGEST)}, status=413)
    to_disk = ToDisk(incoming_directory(), LARGEST)
    try:
        _refuse_without_room(request, size)
        return _take(request, to_disk)
    except Refused as refused:
        return JsonResponse({"problem": refused.words}, status=refused.status)
    except (OSError, DatabaseError) as error:
        if outage := outage_of(error):
            return outage.as_json()
        raise
    finally:
        to_disk.discard()


def _refuse_without_room(request: TeamRequest, size: int) -> None:
    """Raises Refused. Asked before anything is read."""
    try:
        refuse_another_upload(request.team, request.membership.user)
    except TooMuchWaits as error:
        raise Refused(str(error), 429) from error
    if not has_room(request.team.pk, size):
        raise Refused(NO_ROOM.format(gigabytes(most_bytes())), 507)


def _take(request: TeamRequest, to_disk: ToDisk) -> HttpResponse:
    """Raises Refused."""
    file = _file_in(request, to_disk)
    known = _known(request, file)
    if known:
        _give_back(known, file)
    asset, is_new = (known.asset, False) if known else _add(request, file)
    address = reverse("asset", args=[request.team.slug, asset.pk])
    found = {"asset": str(asset.pk), "name": asset.name, "url": address, "known": not is_new}
    if given := _give(request, asset):
        found["given"] = given
    return JsonResponse(found, status=201 if is_new else 200)


def _give(request: TeamRequest, asset: Asset) -> str:
    """Tags, collection and kind that stand on the page for all that is added there: in words what it was given, or why
    not; "" when nothing stands there.
    """
    form = GivenToAll(request.POST)
    if not form.is_valid():
        return " ".join(str(problem) for problems in form.errors.values() for problem in problems)
    form.give(request.team, request.membership.user, [asset])
    return form.in_words


def _file_in(request: TeamRequest, to_disk: ToDisk) -> ReceivedFile:
    """Raises Refused."""
    try:
        file = files_in(request, to_disk).get("file")
    except WrongToken as error:
        raise Refused(OLD_PAGE, 403) from error
    except RequestDataTooBig as error:
        raise Refused("The form around the file is too big.", 413) from error
    if to_disk.is_too_big:
        raise Refused(f"It is bigger than {LARGEST // 2**20} MB.", 413)
    if not isinstance(file, ReceivedFile):
        raise Refused("No file arrived.")
    return file


def _known(request: TeamRequest, file: ReceivedFile) -> Original | None:
    """What the library has of this very content, registered as what it is."""
    return sameness.with_content(request.team.pk, file.sha256, _type_of(file)).first()


def _give_back(original: Original, file: ReceivedFile) -> None:
    """A file of ours that was lost is here again: somebody has uploaded it once more."""
    name = original.file.name
    if name and not default_storage.exists(name):
        default_storage.save(name, file)
        look_after(original)


def _type_of(file: ReceivedFile) -> str:
    return _kind_of(file).partition("/")[0]


def _add(request: TeamRequest, file: ReceivedFile) -> tuple[Asset, bool]:
    """The asset of this content, and whether it is a new one: somebody may have been faster."""
    content_type, size = _kind_of(file), file.size or 0
    media_type = content_type.partition("/")[0]
    if size > LARGEST_UPLOAD[media_type]:
        raise Refused(too_big(size, LARGEST_UPLOAD[media_type]), 413)
    pk = uuid.uuid4()
    name = Original(asset_id=pk, team_id=request.team.pk).file_name(file.sha256, SUFFIXES.get(content_type, ".bin"))
    stored = default_storage.save(name, file)
    user: User = request.user  # type: ignore[assignment]
    try:
        new = NewFile(pk, _name_of(file), media_type, stored, file.sha256, content_type, size)
        asset = add_file(request.team, user, new)
    except BaseException:
        default_storage.delete(stored)
        raise
    if asset.pk != pk:  # somebody else was faster
        default_storage.delete(stored)
    engine.wake()
    return asset, asset.pk == pk


def _kind_of(file: ReceivedFile) -> str:
    """By content, never by name. Whether it is whole and sound is found out later, off the request."""
    try:
        return content_type_in(file)  # type: ignore[arg-type]
    except ProbeError as error:
        raise Refused(error.reason, 415) from error
    finally:
        file.seek(0)


def _name_of(file: ReceivedFile) -> str:
    """Without its ending, which is letters: in “Shot 3.2” there is none. Browsers write a quote and a line break as a
    form's address would.
    """
    name = (file.name or "").replace("%22", '"').replace("%0D", " ").replace("%0A", " ")
    path = PurePosixPath(name)
    stem = path.stem if _ENDING.fullmatch(path.suffix) else path.name
    return spaced(stem)[:200] or "Unnamed"
