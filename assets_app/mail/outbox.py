"""Writing down what is to be sent. That is all a page does, and it does as much for an address that nobody has."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from assets_app.models import Mail
from assets_app.origin import origin

log = logging.getLogger(__name__)


def can_send() -> bool:
    """Whether there is a mail server. Without one nothing is written down, and nothing goes to a log."""
    return bool(settings.EMAIL_URL)


def post(kind: str, to: str, request: HttpRequest | None, **facts: str) -> None:
    """Have mail/`kind`.txt sent to the address `to`, with `facts` in it."""
    if not can_send():
        return
    Mail.objects.create(kind=kind, to=to, place=origin(request), facts=facts, due_at=timezone.now())
    transaction.on_commit(wake)


def wake() -> None:
    """Tell a worker. Lost, the next tick finds the rows."""
    from django_q.tasks import async_task

    try:
        async_task("assets_app.tasks.send_mail", task_name="send mail")
    except Exception as error:  # noqa: BLE001 - whatever a broker of any make raises, the row is written
        log.warning("No worker could be told to send mail (%s); the next tick will", type(error).__name__)
