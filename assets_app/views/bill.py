"""What the Generate button says: the price, what is left afterwards, and why it is off if it is."""

from __future__ import annotations

from assets_app.forms.studio import StudioForm
from assets_app.models import Connection

VAGUE = 2  # a highest price more than this many times the lowest


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
