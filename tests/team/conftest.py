"""Limits that nobody has used up yet, and a post office for who is written to by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings

from assets_app.mail import send_due

PostOffice = Callable[[], list[EmailMultiAlternatives]]


@pytest.fixture(autouse=True)
def nobody_has_tried_yet() -> Iterator[None]:
    """Limits of allauth live in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sent_mail(settings: Settings) -> PostOffice:
    """There is a mail server; and what the worker has sent there, once it has sent all that is due."""
    settings.EMAIL_URL = "smtp://mail.example"

    def sent() -> list[EmailMultiAlternatives]:
        send_due(5.0)
        return mail.outbox

    return sent
