"""A webhook is a nudge: it makes us look sooner, and is otherwise not believed."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.apiframe import webhooks
from assets_app.models import Connection, Generation
from assets_app.models.sealing import Unreadable
from assets_app.models.states import GENERATION

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
WORTH_A_LOOK = GENERATION.with_step("follow", "confirm")


@csrf_exempt
@login_not_required
@require_POST
def apiframe(request: HttpRequest, token: str) -> HttpResponse:
    """`POST /webhooks/apiframe/<token>/`: the provider says that something happened to a job.

    404 for a token nobody was given, 411 for a body whose length nobody says, which is not read, 413 for what is too
    big, 401 for what the team's key has not signed. Everything
    else is thanked with 200, also when it comes twice, late or about another job: the engine reads the job itself
    (FACTS §1).
    """
    generation = Generation.objects.select_related("team__connection").filter(webhook_token=token).first()
    if generation is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    connection = generation.team.connection
    if "CONTENT_LENGTH" not in request.META and request.headers.get("Transfer-Encoding"):
        connection.heard_webhook("Turned away: it did not say how long it is.")
        return HttpResponse("Length required.", status=411, content_type="text/plain")
    key_form = _signed_by(connection, request)
    if key_form is None:
        log.warning("generation %s: a webhook with a bad signature was turned away", generation.pk)
        connection.heard_webhook("Turned away: not signed with this team’s key.")
        return HttpResponse("Bad signature.", status=401, content_type="text/plain")
    nudge = webhooks.parse(request.body, request.headers.get("X-Webhook-Event"))
    connection.heard_webhook(f"“{nudge.event or 'no event named'}”, signed with the {key_form} digest of the key.")
    if generation.job_id and nudge.job_id != generation.job_id:
        log.warning("generation %s: ignored a webhook about another job", generation.pk)
    elif _make_due(generation):
        log.info("generation %s: nudged by a webhook (%s, %s key)", generation.pk, nudge.event, key_form)
        engine.wake()
    return HttpResponse("Thank you.", content_type="text/plain")


def _signed_by(connection: Connection, request: HttpRequest) -> webhooks.KeyForm | None:
    try:
        secrets = connection.webhook_secrets
    except Unreadable:
        log.warning("team %s: the API key was stored under another SECRET_KEY", connection.team_id)
        return None
    return webhooks.verify(request.body, request.headers.get("X-Webhook-Signature"), secrets)


def _make_due(generation: Generation) -> bool:
    """Whether it was waiting for news; one being looked at right now, or at its end, needs no nudge."""
    waiting = Generation.objects.filter(pk=generation.pk, state__in=WORTH_A_LOOK, claim=None)
    return bool(waiting.update(due_at=timezone.now()))
