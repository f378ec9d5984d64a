"""Generate: references in slots, the model's controls, a prompt, the price on the button."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from assets_app import engine, payload
from assets_app.forms import slots
from assets_app.forms.meters import meters_of
from assets_app.forms.slots import WAITING_STATES
from assets_app.forms.studio import StudioForm, model_called, offered_models
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Connection, Generation, MediaType
from assets_app.views.live import MANY, live_page
from assets_app.views.takes import Take, takes_of

TAKES_SHOWN = 12
POOL_SIZE = 60
VAGUE = 2  # a highest price more than this many times the lowest


# --- the page --------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def studio(request: TeamRequest) -> HttpResponse:
    """`/<team>/generate/`: GET with `?asset=` (several) or `?from=<generation>`; POST generates."""
    return _generate(request) if request.method == "POST" else _page(request, _opened(request))


def _opened(request: TeamRequest) -> StudioForm:
    """The form as asked for in the address: like a generation that was, or with assets in their slots."""
    if origin := request.GET.get("from"):
        try:
            generation = get_object_or_404(Generation, team=request.team, pk=origin)
        except ValidationError:
            return StudioForm.fresh(request.team, offered_models()[0], [], {}, ["There is no such film to start from."])
        return StudioForm.of_generation(request.team, generation)
    form = StudioForm.fresh(request.team, model_called(request.GET.get("model")), [], {})
    for asset_id in request.GET.getlist("asset"):
        form = form.after(f"add:{asset_id}")
    return form


@require_POST
def check(request: TeamRequest) -> HttpResponse:
    """What the form comes to as it stands: price, problems, meters. A small button's `do` is carried out first.

    Nothing is written. Only with a `do`, or after a change of model, the controls are drawn anew: what somebody is
    typing in meanwhile stays as it is.
    """
    form = StudioForm.posted(request.team, request.POST)
    action = request.POST.get("do", "")
    if action:
        form = form.after(action)
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form)
    if action.startswith("pool"):
        return render(request, "studio/_pool.html", _pool(request, form) | {"oob": True})
    redraw = bool(action) or request.POST.get("shown_model") != form.model.id
    context = _context(request, form) | {
        "redraw": redraw,
        "new_prompt": action == "restore" or form.text != request.POST.get("prompt", "").replace("\r\n", "\n"),
    }
    return render(request, "studio/_news.html", context | (_pool(request, form) if redraw else {}))


# --- generating ------------------------------------------------------------------------------------------------------
def _generate(request: TeamRequest) -> HttpResponse:
    if not request.membership.may_edit:
        raise PermissionDenied
    form = StudioForm.posted(request.team, request.POST)
    before = _made_by_this_click(request, form)
    if before and form.is_same_as(before):
        return _started(request, form, before)
    if before:
        note = (
            "This form was sent before you changed it. Press Generate once more to make a new take of what it says now."
        )
        return _refused(request, _with_new_click(form, note), new_click=True)
    if form.refusals or form.notes:
        return _refused(request, form)
    if not form.is_valid():  # the click itself is damaged: nothing a person could mend
        note = "That did not arrive whole. Press Generate once more."
        return _refused(request, _with_new_click(form, note), new_click=True)
    generation = form.start(request.user)  # type: ignore[arg-type]
    engine.wake("provider")
    return _started(request, form, generation)


def _made_by_this_click(request: TeamRequest, form: StudioForm) -> Generation | None:
    try:
        click = uuid.UUID(request.POST.get("click", ""))
    except ValueError:
        return None
    return Generation.objects.filter(team=form.team, click=click).first()


def _with_new_click(form: StudioForm, *notes: str) -> StudioForm:
    """The same form, ready to be sent again as another generation."""
    values = {name: form.data.get(name) for name in form.fields} | {"click": uuid.uuid4()}
    return StudioForm(
        form.team, form.model, form.references, values, pending_urls=form.pending_urls, notes=[*form.notes, *notes]
    )


def _started(request: TeamRequest, form: StudioForm, generation: Generation) -> HttpResponse:
    """People stay where they are, with all they typed: the next take is often the same with one word changed."""
    if not request.htmx:  # type: ignore[attr-defined]
        waits = generation.state == "waiting"
        messages.success(request, "On its way. It waits for its assets first." if waits else "On its way.")
        return redirect(f"{reverse('studio', args=[request.team.slug])}?from={generation.pk}")
    response = render(request, "studio/_started.html", _context(request, _with_new_click(form)))
    used = [str(reference.asset.pk) for reference in form.references if reference.asset]
    trigger_client_event(response, "castboard:used", {"ids": used})
    return trigger_client_event(response, "castboard:changed", {})


def _refused(request: TeamRequest, form: StudioForm, *, new_click: bool = False) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form, submitted=True)
    context = _context(request, form, submitted=True) | _pool(request, form)
    context |= {"redraw": True, "new_click": new_click}
    response = render(request, "studio/_news.html", context)
    return trigger_client_event(response, "studio:refused", {}, after="settle")


# --- what is on the page ---------------------------------------------------------------------------------------------
def _page(request: TeamRequest, form: StudioForm, *, submitted: bool = False) -> HttpResponse:
    takes = [Take(each, _is_sandbox(request), place="takes") for each in takes_of(request.team)[:TAKES_SHOWN]]
    context = {
        "place": "studio",
        "live_page": "studio",
        "takes": takes,
        "takes_shown": TAKES_SHOWN,
        **_context(request, form, submitted=submitted),
        **_pool(request, form),
    }
    return render(request, "studio/studio.html", context)


def _context(request: TeamRequest, form: StudioForm, *, submitted: bool = False) -> dict[str, Any]:
    """What page and fragments share. Nobody is told off for an empty prompt before pressing Generate."""
    body = form.request_body()
    connection: Connection | None = getattr(request.team, "connection", None)
    return {
        "form": form,
        "models": offered_models(),
        "rows": _slot_rows(form),
        "names": _names(form),
        "spots": _spots(form),
        "prompt_problems": [each for each in form.problems_of("prompt") if submitted or each.code != "prompt_empty"],
        "submitted": submitted,
        "bill": Bill(form, connection, may_edit=request.membership.may_edit),
        "code": _as_code(body, connection.base_url) if body and connection else [],
    }


def _slot_rows(form: StudioForm) -> list[dict[str, Any]]:
    """Each slot of the model with what fills it, and where else each could go."""
    rows = []
    meters = {meter.slot.name: meter for meter in meters_of(form.model, form.references)}
    for slot in form.model.slots:
        others = [each for each in form.model.slots if each.media_type == slot.media_type and each.name != slot.name]
        inside = [(n, each) for n, each in enumerate(form.references) if each.slot == slot.name]
        items = [
            {
                "index": index,
                "reference": reference,
                "token": slots.token_of(form.references, index, form.model),
                "problems": [
                    p for p in (*form.refusals, *form.warnings) if (p.field, p.position) == (slot.name, position)
                ],
                "is_first": position == 0,
                "is_last": position == len(inside) - 1,
            }
            for position, (index, reference) in enumerate(inside)
        ]
        rows.append(
            {
                "slot": slot,
                "items": items,
                "others": others,
                "meter": meters.get(slot.name),
                "is_full": len(items) >= slot.maximum,
                "is_target": form.target == slot.name,
                "what": slots.LOOKS[slot.media_type],
                "url": form.pending_urls.get(slot.name, ""),
                "problems": form.problems_of(slot.name),
            }
        )
    return rows


def _names(form: StudioForm) -> list[tuple[str, str]]:
    """What the prompt may call each reference, and what that is."""
    tokens = [(slots.token_of(form.references, n, form.model), each.name) for n, each in enumerate(form.references)]
    return [(token, name) for token, name in tokens if token]


def _spots(form: StudioForm) -> list[tuple[str, Any]]:
    """The places beside controls where problems are shown, each with those it shows now."""
    names = [*(control.param.name for control in form.controls), *(slot.name for slot in form.model.slots)]
    return [(name, form.problems_of(name)) for name in names]


def _as_code(body: dict[str, Any], base_url: str) -> list[tuple[str, str]]:
    return [
        ("curl", payload.as_curl(body, base_url)),
        ("Python", payload.as_python(body, base_url)),
        ("JavaScript", payload.as_javascript(body, base_url)),
    ]


class Bill:
    """What the button says: the price, what is left afterwards, and why it is off if it is."""

    def __init__(self, form: StudioForm, connection: Connection | None, *, may_edit: bool) -> None:
        self.form = form
        self.connection = connection
        self.may_edit = may_edit
        self.price = form.price

    @property
    def is_vague(self) -> bool:
        """Whether the two ends of the price are so far apart that the pair of them says nothing."""
        return self.price is not None and self.price.credits_high > VAGUE * self.price.credits_low

    @property
    def at_most(self) -> str:
        """ "up to 3,135 credits" for a vague price, else ""."""
        return f"up to {self.price.credits_high:,} {self._unit}" if self.price and self.is_vague else ""

    @property
    def _unit(self) -> str:
        return "sandbox credits" if self.is_sandbox else "credits"

    @property
    def words(self) -> str:
        """ "144 credits", "about 144 credits", "about 40–70 credits"; "" when nothing a button could say is known."""
        if self.price is None or self.is_vague:
            return ""
        low, high = self.price.credits_low, self.price.credits_high
        amount = f"{low:,}" if low == high else f"{low:,}–{high:,}"
        # The sandbox charges by this very table, so there a single figure is the price.
        sure = low == high and (self.price.exact or self.is_sandbox)
        return f"{amount} {self._unit}" if sure else f"about {amount} {self._unit}"

    @property
    def is_sandbox(self) -> bool:
        return bool(self.connection and self.connection.is_sandbox)

    @property
    def balance(self) -> int | None:
        return self.connection.credits if self.connection else None

    @property
    def balance_after(self) -> int | None:
        """At the upper end of the price; None when balance or price is unknown."""
        if self.balance is None or self.price is None:
            return None
        return self.balance - self.price.credits_high

    @property
    def why_off(self) -> str:
        """One sentence beside the button; "" when it is on."""
        if not self.may_edit:
            return "You may look around here. Generating is for editors of this team."
        if self.connection is None:
            return "This team has no connection to the provider yet."
        if refusals := self.form.refusals:
            first = refusals[0]
            if first.code == "prompt_empty" and len(refusals) > 1:
                first = refusals[1]
            return f"{first.message} {first.fix}".strip()
        return ""

    @property
    def more_reasons(self) -> int:
        return max(0, len(self.form.refusals) - 1) if self.may_edit and self.connection else 0

    @property
    def is_held(self) -> bool:
        """Whether it would be written down but wait until the connection is well."""
        return bool(self.connection and self.connection.stops_submits)


# --- the pool of assets to pick from ---------------------------------------------------------------------------------
def _pool(request: TeamRequest, form: StudioForm) -> dict[str, Any]:
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    action = asked.get("do", "")
    media_type = action.removeprefix("pool:") if action.startswith("pool:") else asked.get("pool_type", "")
    if action.startswith("aim:") and (slot := form.model.slot(form.target)):
        media_type = slot.media_type
    media_type = media_type if media_type in MediaType.values else ""
    name = asked.get("pool_name", "").strip()
    usable = Asset.objects.live().filter(team=request.team, state__in=("active", *WAITING_STATES))
    matching = usable.filter(media_type=media_type) if media_type else usable
    if name:
        matching = matching.filter(name__icontains=name)
    found = list(matching.select_related("original").order_by("-created_at", "-id")[: POOL_SIZE + 1])
    used = {reference.asset.pk for reference in form.references if reference.asset}
    return {
        "pool": [{"asset": asset, "is_used": asset.pk in used} for asset in found[:POOL_SIZE]],
        "pool_has_more": len(found) > POOL_SIZE,
        "pool_type": media_type,
        "pool_name": name,
        "pool_types": [
            ("", "All"),
            *((value, f"{label}s" if value != "audio" else label) for value, label in MediaType.choices),
        ],
    }


# --- live ------------------------------------------------------------------------------------------------------------
@live_page("studio")
def changed_studio(request: TeamRequest, since: int) -> str:
    """The takes that changed; and when assets did, a word to the page, which then asks what its form comes to now."""
    changed = takes_of(request.team).filter(revision__gt=since)[:MANY]
    context = {
        "takes": [Take(each, _is_sandbox(request), place="takes") for each in changed],
        "assets_changed": Asset.objects.filter(team=request.team, revision__gt=since).exists(),
    }
    return render_to_string("studio/_changes.html", context, request)


def _is_sandbox(request: TeamRequest) -> bool:
    connection = getattr(request.team, "connection", None)
    return bool(connection and connection.is_sandbox)
