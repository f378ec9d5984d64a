"""A form with a file in it is read no further than to its token, unless that is right. Django's own check reads all of
the form first, and so the file of anybody at all comes to lie on the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict


class WrongToken(Exception):
    """What was sent does not come from a page that we showed to this person."""


def files_in(request: HttpRequest, handler: FileUploadHandler) -> MultiValueDict[str, Any]:
    """The files of a form, taken in by `handler`, which closes them; for a view that is exempt from Django's check. The
    token comes in the header, and then nothing at all is read before it is found right, or else in a field before the
    file. Raises WrongToken, and what Django raises over forms.
    """
    if settings.CSRF_HEADER_NAME in request.META:
        _must_be_right(request, QueryDict())
    if request.content_type != "multipart/form-data":
        _must_be_right(request, request.POST)
        return MultiValueDict()
    form, files = _Parser(request, handler).parse()
    _must_be_right(request, form)  # of a form without a file, too
    return files


class _Parser(MultiPartParser):
    _post: QueryDict

    def __init__(self, request: HttpRequest, handler: FileUploadHandler) -> None:
        gate = _Gate(lambda: _must_be_right(request, self._post))  # the fields that have come until then
        super().__init__(request.META, request, [gate, handler], request.encoding)


class _Gate(FileUploadHandler):
    """Stands before the handler that keeps a file."""

    chunk_size = None  # type: ignore[assignment]  # as large as that one likes

    def __init__(self, must_be_right: Callable[[], None]) -> None:
        super().__init__()
        self.must_be_right = must_be_right

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.must_be_right()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The other handler has it."""


def _must_be_right(request: HttpRequest, form: QueryDict) -> None:
    """Django's check, over the fields of the form that are given. Raises WrongToken."""
    request.POST = form  # type: ignore[assignment]
    if CsrfViewMiddleware(_no_view).process_view(request, _no_view, (), {}):
        raise WrongToken


def _no_view(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
