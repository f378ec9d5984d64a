"""Sending what is due, by the worker: at least once each, and for some hours where a mail server is away."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.core.mail import get_connection
from django.utils import timezone

from assets_app.mail.letters import letters_of
from assets_app.models import Mail

log = logging.getLogger(__name__)

CLAIM_SECONDS = 60.0  # several times what a conversation may take
WAITS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240)]
"""Before each new try: eight hours in all, then the mail is given up and admins are told."""

KEPT = timedelta(days=30)


def send_due(seconds: float) -> bool:
    """Send what is due for so many seconds. True when more may be left. A server that is in trouble is left alone until
    somebody asks again.
    """
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        ids = list(Mail.objects.due().order_by("due_at").values_list("pk", flat=True)[:1])
        if not ids:
            return False
        _token, won = Mail.objects.claim(ids, CLAIM_SECONDS)
        if not all(_send(mail) for mail in won):
            return False
    return True


def forget_given_up() -> None:
    Mail.objects.given_up().filter(created_at__lt=timezone.now() - KEPT).delete()


def _send(mail: Mail) -> bool:
    """Whether the server did its part. The attempt is counted already, so that a mail whose worker dies each time ends
    too.
    """
    if mail.attempts > len(WAITS) + 1:
        _give_up(mail, mail.last_error or "The worker died each time.")
        return True
    letters = letters_of(mail)
    try:
        if letters:
            get_connection().send_messages(letters)
    except SMTPRecipientsRefused as error:
        codes = {code for code, _words in error.recipients.values()}
        is_final = all(code >= 500 for code in codes)
        (_give_up if is_final else _try_later)(mail, f"The mail server refused the address ({_list(codes)}).")
        return True
    except OSError as error:  # as are all of smtplib's
        _try_later(mail, f"{type(error).__name__}: {error}"[:300])
        return False
    Mail.objects.filter(pk=mail.pk, claim=mail.claim).delete()
    return True


def _try_later(mail: Mail, why: str) -> None:
    if mail.attempts > len(WAITS):
        _give_up(mail, why)
        return
    wait = WAITS[mail.attempts - 1]
    log.warning("Mail %s (%s) could not be sent: %s It is tried again in %s", mail.pk, mail.kind, why, wait)
    mail.release(due_at=timezone.now() + wait, attempts=mail.attempts, last_error=why)


def _give_up(mail: Mail, why: str) -> None:
    log.error("Mail %s (%s) was given up: %s", mail.pk, mail.kind, why)
    mail.release(due_at=None, attempts=mail.attempts, last_error=why)


def _list(codes: set[int]) -> str:
    return ", ".join(map(str, sorted(codes)))
