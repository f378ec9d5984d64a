"""A message that somebody is owed by mail. The worker sends it: no page waits for a mail server, or fails by one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assets_app.models.due import Due, DueQuerySet


class MailQuerySet(DueQuerySet):
    def given_up(self) -> MailQuerySet:
        """Those that were tried in vain: kept a while, for admins to see."""
        return self.filter(due_at=None)


class Mail(Due):
    """What is to be said to whom. It holds no secret: the link in a mail is made when it is sent, and kept nowhere.
    Once it is sent, the row is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, help_text="The name of its template.")
    to = models.EmailField()
    place = models.TextField(help_text="The origin of the links in it, as https://castboard.example.")
    facts = models.JSONField(default=dict, help_text="What else its template says: texts by name.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["claim"], name="mail_claim", condition=Q(claim__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.created_at:%Y-%m-%d %H:%M}"
