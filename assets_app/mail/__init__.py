"""Mails about accounts. Whoever wants one sent writes it down (`post`); the worker sends what is due (`send_due`)."""

from __future__ import annotations

from assets_app.mail.letters import FORGOTTEN, has_words
from assets_app.mail.outbox import can_send, post, wake
from assets_app.mail.sending import forget_given_up, send_due

__all__ = ["FORGOTTEN", "can_send", "forget_given_up", "has_words", "post", "send_due", "wake"]
