"""What the Generate button says: the price, what is left afterwards, and why it is off if it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.contrib.auth.models import User

from assets_app.apiframe.catalogue import Fix, Problem
from assets_app.forms.ordering import priced_by
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Connection, Membership
from assets_app.money import asking, limits
from assets_app.money.limits import Standing
from assets_app.money.spoken_for import SpokenFor, spoken_for
from assets_app.money.words import in_credits, price_in_words


class Bill:
    """What the button says: the price of all takes, what is left afterwards, and why it is off if it is.

    `asks` shows the question before the money instead of the button. `refusal` is why it could not be started after
    all, in case nothing here says so any more.
    """

    stops_asking = False  # whether the question's tick is set: the page may draw it anew before it is answered

    def __init__(
        self,
        form: StudioForm,
        connection: Connection | None,
        *,
        membership: Membership,
        budgets: Sequence[Standing] = (),
        asks: bool = False,
        refusal: str = "",
    ) -> None:
        self.form = form
        self.connection = connection
        self.membership = membership
        self.may_edit = membership.may_edit
        self.budgets = budgets
        self.refusal = refusal
        self.price = form.price
        self.takes = form.takes
        self.asks = asks and asking.must_ask(membership, self.most, budgets)

    @classmethod
    def of(cls, request: TeamRequest, form: StudioForm, *, asks: bool = False, refusal: str = "") -> Bill:
        connection: Connection | None = getattr(request.team, "connection", None)
        user: User = request.user  # type: ignore[assignment]
        budgets = limits.standings(request.team, user) if request.membership.may_edit else ()
        bill = cls(form, connection, membership=request.membership, budgets=budgets, asks=asks, refusal=refusal)
        bill.stops_asking = "stop_asking" in request.POST
        return bill

    # --- the price ---------------------------------------------------------------------------------------------------
    @property
    def most(self) -> int | None:
        """The highest price of all takes together, in credits; None when nobody knows it."""
        return None if self.price is None else self.price.credits_high * self.takes

    @property
    def least(self) -> int | None:
        return None if self.price is None else self.price.credits_low * self.takes

    @property
    def is_vague(self) -> bool:
        """Whether the two ends of the price are so far apart that the pair of them says nothing."""
        return self.price is not None and self.price.is_vague

    @property
    def at_most(self) -> str:
        """ "up to 3,135 credits" for a vague price, else ""."""
        return f"up to {self._in_credits(self.most)}" if self.most is not None and self.is_vague else ""

    @property
    def verb(self) -> str:
        """ "Generate", "Generate 4", "Generate 2 drafts", "Generate when ready", "Send anyway"."""
        number = f" {self.takes}" if self.takes > 1 else ""
        draft = f" draft{'s' if self.takes > 1 else ''}" if self.form.is_draft else ""
        when = " when ready" if self.form.waits_for else ""
        return f"Send{number}{draft} anyway{when}" if self.form.doubts else f"Generate{number}{draft}{when}"

    @property
    def words(self) -> str:
        return price_in_words(self.price, self.takes, is_sandbox=self.is_sandbox)

    def _in_credits(self, number: int | None) -> str:
        return in_credits(number or 0, is_sandbox=self.is_sandbox)

    @property
    def is_sandbox(self) -> bool:
        return bool(self.connection and self.connection.is_sandbox)

    # --- what is left ------------------------------------------------------------------------------------------------
    @property
    def balance(self) -> int | None:
        return self.connection.credits if self.connection else None

    @cached_property
    def spoken_for(self) -> SpokenFor:
        return spoken_for(self.connection) if self.connection else SpokenFor()

    @property
    def balance_after(self) -> int | None:
        """At the upper end of the price, and of those of all that was pressed before and may not be in the balance
        yet; None when balance or price is unknown.
        """
        if self.balance is None or self.most is None:
            return None
        return self.balance - self.spoken_for.most - self.most

    @property
    def left_words(self) -> str:
        """ "4,424 left after", "at least 4,280 left after", "about 4,424 left after"; "" where nothing can be said, or
        pressed.
        """
        left = self.balance_after
        if left is None or self.why_off:
            return ""
        if left < 0:
            held = f", {self.spoken_for.most:,} of them held," if self.spoken_for.most else ""
            return f"{self.balance:,} credits{held} may not be enough"
        is_least = self.is_vague or self.spoken_for.perhaps
        return f"{'about ' if self.spoken_for.is_rough else 'at least ' if is_least else ''}{left:,} left after"

    @property
    def warned(self) -> list[Standing]:
        """The budgets that would be, or are, above their soft end."""
        return [each for each in self.budgets if each.warns_of(self.most or 0)]

    # --- before it goes ----------------------------------------------------------------------------------------------
    @property
    def shown(self) -> str:
        """What a press says that it was shown, and a yes to the question that it is a yes to."""
        return asking.as_shown(self.most)

    @property
    def shown_for(self) -> str:
        """What it is the price of: a form that was changed since has another."""
        return priced_by(self.form)

    @property
    def yes(self) -> str:
        """ "Yes, spend 1,440 credits"."""
        if self.most is None:
            return "Yes, whatever it costs"
        may_be_less = self.least != self.most or (self.price is not None and self.price.is_most)
        return f"Yes, spend {'up to ' if may_be_less else ''}{in_credits(self.most)}"

    @property
    def question(self) -> str:
        """What is asked above the team's limit."""
        if self.uncounted:
            return f"{self.not_counted} Approve it this once?"
        limit = self.membership.team.confirm_above
        if self.most is None:
            return f"No price is known for this, and your team asks above {self._in_credits(limit)}."
        return f"{self.verb.split(' when')[0]} for {self._in_credits(self.most)}? Your team asks above {limit:,}."

    @property
    def uncounted(self) -> Standing | None:
        """The hard budget that cannot count this, for its price is not known: it takes an admin's yes."""
        return limits.cannot_count(self.budgets, self.most)

    @property
    def not_counted(self) -> str:
        """ "No price is known for Veo 3.1, so it cannot be checked against the budget."; which, is below it."""
        if not self.uncounted:
            return ""
        return f"No price is known for {self.form.plan.model.label}, so it cannot be checked against the budget."

    @property
    def waits_for(self) -> str:
        """Whose yes a press waits for: "Ana or Ben"; "" when it waits for nobody's."""
        return limits.admins_of(self.form.team) if self.uncounted and not self.membership.is_admin else ""

    @property
    def may_stop_asking(self) -> bool:
        return self.uncounted is None

    @cached_property
    def why_off(self) -> str:
        """One sentence beside the button; "" when it is on."""
        if not self.may_edit:
            return "You may look around here. Generating is for editors of this team."
        if self.connection is None:
            return "This team has no connection to the provider yet."
        if first := self.first_refusal:
            return f"{first.message} {first.fix}".strip()
        return self.over_budget or self.refusal

    @cached_property
    def first_refusal(self) -> Problem | None:
        """The one that is said beside the button: an empty prompt, which everybody sees, only for want of another."""
        refusals = self.form.refusals
        return next((each for each in refusals if each.code != "prompt_empty"), refusals[0] if refusals else None)

    @property
    def ways_out(self) -> Sequence[Fix]:
        """What one press does about what is said beside the button."""
        return self.first_refusal.fixes if self.first_refusal and self.may_edit and self.connection else ()

    @cached_property
    def over_budget(self) -> str:
        """Which hard budget this would go above; "" when there is none."""
        return limits.why_not(self.form.team, self.budgets, self.most, self.membership.user)

    @property
    def may_raise_it(self) -> bool:
        return bool(self.why_off and self.why_off == self.over_budget and self.membership.is_admin)

    @property
    def more_reasons(self) -> int:
        return max(0, len(self.form.refusals) - 1) if self.may_edit and self.connection else 0

    @property
    def is_held(self) -> bool:
        """Whether it would be written down but wait until the connection is well."""
        return bool(self.connection and self.connection.stops_submit_of(self.most))
