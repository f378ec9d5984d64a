"""Django's way to a mail server, with one limit for the whole conversation: EMAIL_TIMEOUT counts from the last byte."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from assets_app.media.guard import Lifeline


class _Held(smtplib.SMTP):
    def __init__(self, *args: Any, lifeline: Lifeline, **kwargs: Any) -> None:
        self._lifeline = lifeline
        super().__init__(*args, **kwargs)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._lifeline.hold(connection)
        return connection


class _HeldSSL(smtplib.SMTP_SSL, _Held):
    """Takes the plain socket from `_Held`, and speaks TLS on it from the first byte."""


class Backend(smtp.EmailBackend):
    _lifeline: Lifeline

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]
        return partial(_HeldSSL if self.use_ssl else _Held, lifeline=self._lifeline)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with Lifeline(self.timeout or 0) as self._lifeline:
            return super().send_messages(email_messages)

    def close(self) -> None:
        """What the server took is sent, however it says good-bye."""
        with suppress(OSError):
            super().close()
