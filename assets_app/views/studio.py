"""Generate: references in slots, the model's controls, a prompt, the price on the button."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from assets_app import engine, payload
from assets_app.apiframe import catalogue
from assets_app.forms import bringing, buttons, opening, ordering
from assets_app.forms.continuing import continued
from assets_app.forms.controls import as_sent
from assets_app.forms.dry_run import DryRun
from assets_app.forms.offered import offered_models
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import remembered_with
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Connection, Generation
from assets_app.models.states import ASSET
from assets_app.money import asking, limits, prices
from assets_app.money.limits import OverBudget
from assets_app.views import price_tags
from assets_app.views.bill import Bill
from assets_app.views.fixes import mend, opened_with_fix, refusals_of, refused_value
from assets_app.views.kept_prompts import menu_of
from assets_app.views.live import MANY, live_page
from assets_app.views.mentioning import names_of
from assets_app.views.one_film import is_sandbox
from assets_app.views.pool import pool_of
from assets_app.views.press import Press
from assets_app.views.said_beside import said_beside_the_prompt, slot_rows, spots, unfit
from assets_app.views.starting import price_that_moved, words_on_start
from assets_app.views.takes import Take, takes_of

TAKES_SHOWN = 12


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
            return opening.fresh(request.team, offered_models()[0], [], {}, ["There is no such film to start from."])
        fixed = opened_with_fix(request.team, generation, request.GET)
        return fixed or continued(request.team, generation, request.GET, studio=request.membership.studio)
    form = opening.as_last_time(request.team, request.GET.get("model"), request.membership.studio)
    return bringing.brought(form, _without_model(request.GET), request.membership.studio)


def _without_model(asked: QueryDict) -> QueryDict:
    """What an address brings besides the model that the form was opened with."""
    others = asked.copy()
    others.pop("model", None)
    return others


@require_POST
def check(request: TeamRequest) -> HttpResponse:
    """What the form comes to as it stands: price, problems, meters. A small button's `do` is carried out first.

    Nothing is written. Only with a `do`, or after a change of model, the controls are drawn anew: what somebody is
    typing in meanwhile stays as it is.
    """
    form = opening.posted(request.team, request.POST, request.membership.studio)
    action = request.POST.get("do", "")
    if action == "bring":  # the browser's draft, and what the address of the page is to bring to it
        form = bringing.brought(form, QueryDict(request.POST.get("brought", "")), request.membership.studio)
    elif action:
        form = mend(request, form, action) or buttons.after(form, action, request.membership.studio)
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form)
    if action.startswith("pool"):
        return render(request, "studio/_pool.html", pool_of(request, form) | {"oob": True})
    return show_change(request, form)


def show_change(request: TeamRequest, form: StudioForm) -> HttpResponse:
    """The parts of the page that a check, or an action of a view of its own, has changed; without htmx, all of it."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form)
    action = request.POST.get("do", "")
    is_action = bool(action) or request.resolver_match.url_name != "studio-check"  # type: ignore[union-attr]
    redraw = is_action or request.POST.get("shown_model") != form.model.id
    # A check that comes in meanwhile, for the balance has moved say, must not take the question away.
    context = _context(request, form, asks="asked" in request.POST and action != "unask") | {
        "redraw": redraw,
        "new_prompt": "restored" in request.POST or form.text != request.POST.get("prompt", "").replace("\r\n", "\n"),
    }
    return render(request, "studio/_news.html", context | (pool_of(request, form) if redraw else {}))


@require_http_methods(["GET", "HEAD", "POST"])
def before(request: TeamRequest) -> HttpResponse:
    """`/<team>/generate/before/`: what would be sent, on a page of its own; opened or posted as the studio is. Nothing
    is sent or written.
    """
    if request.method == "POST":
        form = opening.posted(request.team, request.POST, request.membership.studio)
    else:
        form = _opened(request)
    context = _context(request, form, submitted=True) | {"place": "studio", "fields": _fields_of(form)}
    return render(request, "studio/before.html", context)


def _fields_of(form: StudioForm) -> list[tuple[str, str]]:
    """All that the form says, as a page would send it: for the way back to it."""
    fields = [("model", form.model.id), ("shown_model", form.model.id), ("kept", form.kept.text)]
    values = form.values
    for name, field in form.fields.items():
        fields += as_sent(name, field, values[name])
    fields += [("reference", reference.value) for reference in form.references]
    return fields + [(f"url-{name}", url) for name, url in form.pending_urls.items()]


# --- generating ------------------------------------------------------------------------------------------------------
def _generate(request: TeamRequest) -> HttpResponse:
    if not request.membership.may_edit:
        raise PermissionDenied
    form = opening.posted(request.team, request.POST, request.membership.studio)
    before = _made_by_this_click(request, form)
    if before and ordering.is_same_as(form, before):
        return _started(request, form, before)
    if before:
        note = (
            "This form was sent before you changed it. Press Generate once more to make a new take of what it says now."
        )
        return _refused(request, _with_new_click(form), new_click=True, notice=note)
    is_another_model = request.POST.get("shown_model", form.model.id) != form.model.id
    if form.refusals or form.notes or is_another_model:
        note = f"The model was changed to {form.model.label} just now. Look at what it comes to, then press Generate."
        return _refused(request, form, notice=note if is_another_model else "")
    if not set(form.doubts_said.split()) <= set(request.POST.get("doubts", "").split()):
        note = "Nothing was sent: look at what the provider may refuse. Press once more to send it anyway."
        return _refused(request, form, notice=note)
    if not form.is_valid():  # the click itself is damaged: nothing a person could mend
        note = "That did not arrive whole. Press Generate once more."
        return _refused(request, _with_new_click(form), new_click=True, notice=note)
    if question := _asked_first(request, form):
        return question
    confirmed = request.POST.get("confirmed", "")
    is_let_through = request.membership.is_admin and confirmed == asking.UNKNOWN
    try:
        generation, *_ = ordering.start(form, request.user, is_let_through=is_let_through)  # type: ignore[arg-type]
    except OverBudget as why:
        return _refused(request, form, refusal=str(why))
    if confirmed and "stop_asking" in request.POST:
        asking.stop_asking(request.membership)
    engine.wake("provider")
    _remember(request, form)
    return _started(request, form, generation)


def _asked_first(request: TeamRequest, form: StudioForm) -> HttpResponse | None:
    """What comes back instead of a film where somebody has to say yes to its price first, or where that rose between
    the page and the press. What was changed since the page showed a price has none there yet: whoever changed it knows.
    """
    most = ordering.order(form).most
    budgets = limits.standings(request.team, request.user)  # type: ignore[arg-type]
    is_confirmed = asking.covers(request.POST.get("confirmed", ""), most)
    if asking.must_ask(request.membership, most, budgets) and not is_confirmed:
        return _asked(request, form)
    if request.POST.get("shown_for") != ordering.priced_by(form):
        return None
    moved = price_that_moved(request.POST.get("shown_price", ""), most)
    return _refused(request, form, notice=f"{moved} Press Generate once more if that is all right.") if moved else None


def _remember(request: TeamRequest, form: StudioForm) -> None:
    """What was chosen this time is what a fresh form begins with."""
    membership = request.membership
    membership.studio = remembered_with(membership.studio, form.model, form.params, form.own_settings)
    membership.save(update_fields=["studio"])


def _made_by_this_click(request: TeamRequest, form: StudioForm) -> Generation | None:
    try:
        click = uuid.UUID(request.POST.get("click", ""))
    except ValueError:
        return None
    return Generation.objects.filter(team=form.team, click=click, take=1).first()


def _with_new_click(form: StudioForm) -> StudioForm:
    """The same form, ready to be sent again as another generation."""
    return form.but(data=form.values | {"click": uuid.uuid4()})


def _started(request: TeamRequest, form: StudioForm, generation: Generation) -> HttpResponse:
    """People stay where they are, with all they typed: the next take is often the same with one word changed."""
    words = words_on_start(request, form, generation)
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, words)
        return redirect(f"{reverse('studio', args=[request.team.slug])}?from={generation.pk}")
    response = render(request, "studio/_started.html", _context(request, _with_new_click(form)))
    used = [str(reference.asset.pk) for reference in form.references if reference.asset]
    trigger_client_event(response, "castboard:used", {"ids": used, "words": words})
    if generation.state == "approval":
        trigger_client_event(response, "castboard:toast", {"text": words})
    return trigger_client_event(response, "castboard:changed", {})


def _asked(request: TeamRequest, form: StudioForm) -> HttpResponse:
    """The question whether to spend so much, where the button was."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form, asks=True, submitted=True)
    context = _context(request, form, asks=True, submitted=True) | {"oob": True}
    return trigger_client_event(render(request, "studio/_bill.html", context), "studio:asked", {}, after="settle")


def _refused(
    request: TeamRequest, form: StudioForm, *, new_click: bool = False, refusal: str = "", notice: str = ""
) -> HttpResponse:
    """Why nothing was sent: a `refusal` beside a button that is off, a `notice` beside one to press once more."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form, submitted=True, refusal=refusal, notice=notice)
    context = _context(request, form, submitted=True, refusal=refusal, notice=notice) | pool_of(request, form)
    context |= {"redraw": True, "new_click": new_click}
    response = render(request, "studio/_news.html", context)
    return trigger_client_event(response, "studio:refused", {}, after="settle")


# --- what is on the page ---------------------------------------------------------------------------------------------
def _page(request: TeamRequest, form: StudioForm, *, given: str = "", **said: Any) -> HttpResponse:
    if request.method == "POST" and not given:
        given = _address_of(request, form)
    takes = _strip(request, takes_of(request.team).live()[:TAKES_SHOWN])
    context = {
        "place": "studio",
        "live_page": "studio",
        "takes": takes,
        "takes_shown": TAKES_SHOWN,
        "given": given,
        **_context(request, form, **said),
        **pool_of(request, form),
        **(menu_of(request) if request.POST.get("do") == "menu" else {}),
    }
    return render(request, "studio/studio.html", context)


def _address_of(request: TeamRequest, form: StudioForm) -> str:
    """Where a page that answers a form stands: what it holds is newer than what the browser remembers."""
    made_from = str(form.data.get("made_from") or "")
    query = f"?{urlencode({'from': made_from})}" if made_from else ""
    return f"{reverse('studio', args=[request.team.slug])}{query}"


def _context(
    request: TeamRequest,
    form: StudioForm,
    *,
    submitted: bool = False,
    asks: bool = False,
    refusal: str = "",
    notice: str = "",
) -> dict[str, Any]:
    """What page and fragments share. Nobody is told off for an empty prompt before pressing Generate."""
    dry_run = DryRun(form)
    body = dry_run.body
    connection: Connection | None = getattr(request.team, "connection", None)
    return {
        "form": form,
        "refused_value": refused_value(request),
        "model_groups": catalogue.load().groups,
        "unpriced": SimpleLazyObject(lambda: prices.unpriced_models(request.team)),
        "rows": slot_rows(form),
        "names": names_of(form),
        "unfit": unfit(form),
        "kept_out": bringing.kept_out(form),
        "spots": spots(form),
        "prompt_problems": said_beside_the_prompt(form, submitted=submitted),
        "submitted": submitted,
        "notice": notice,
        "press": Press(form),
        "bill": Bill.of(request, form, asks=asks, refusal=refusal),
        "dry_run": dry_run,
        "request_json": payload.as_json(body) if body else "",
        "code": payload.as_code(body, connection.base_url) if body and connection else [],
    }


def _strip(request: TeamRequest, films: Iterable[Generation]) -> list[Take]:
    """Films as the cards of the strip, those that failed with the reason and the step that helps."""
    shown = list(films)
    refusals = refusals_of(shown)
    price_tags.put_on(shown, request.team, {pk: refused.remedy for pk, refused in refusals.items()})
    return [Take(each, is_sandbox(request), place="takes", refused=refusals.get(each.pk)) for each in shown]


def composed(request: TeamRequest, form: StudioForm, address: str = "") -> HttpResponse:
    """The page with all that `form` says, after a way that led elsewhere and back. `address` is the query string under
    which it was being composed, for the page to stand under again.
    """
    return _page(request, form, given=f"{reverse('studio', args=[request.team.slug])}{address}")


# --- live ------------------------------------------------------------------------------------------------------------
@live_page("studio")
def changed_studio(request: TeamRequest, since: int) -> str:
    """The takes that changed; and which assets did: the page asks what its form comes to now if they are in it."""
    changed = takes_of(request.team).live().filter(revision__gt=since)[:MANY]
    context = {
        "takes": _strip(request, changed),
        "assets": _assets_since(request, since),
    }
    return render_to_string("studio/_changes.html", context, request)


def _assets_since(request: TeamRequest, since: int) -> dict[str, Any]:
    """The ids of those that changed, and whether any came to rest, so that there are others to pick from."""
    changed = Asset.objects.filter(team=request.team, revision__gt=since).values_list("pk", "state", "trashed_at")
    rows = list(changed.order_by("-revision")[:MANY])
    settled = [pk for pk, state, trashed_at in rows if trashed_at or ASSET[state].group != "processing"]
    return {"changed": [pk for pk, *_ in rows], "settled": settled}
