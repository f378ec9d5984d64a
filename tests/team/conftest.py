"""A post office, for who is written to by mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings

from assets_app.mail import send_due

PostOffice = Callable[[], list[EmailMultiAlternatives]]


@pytest.fixture
def sent_mail(settings: Settings) -> PostOffice:
    """There is a mail server; and what the worker has sent there, once it has sent all that is due."""
    settings.EMAIL_URL = "smtp://mail.example"

    def sent() -> list[EmailMultiAlternatives]:
        send_due(5.0)
        return mail.outbox

    return sent
