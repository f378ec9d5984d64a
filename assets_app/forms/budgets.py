"""How much may be spent, and above what Generate asks first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from assets_app.forms.members import OfTeam
from assets_app.forms.shown import ShownMixin, of_team
from assets_app.models import Event, SpendingLimit, Team
from assets_app.money.words import name_of

MOST = 2**31 - 1


def credits_field(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST,
        help_text=help_text,
        error_messages={
            "invalid": f"{label}: a whole number of credits, or nothing.",
            "min_value": f"{label}: 0 or more credits.",
            "max_value": f"{label}: at most {MOST:,} credits.",
        },
        widget=forms.NumberInput(attrs={"autocomplete": "off"}),
    )


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, user: User) -> str:
        return name_of(user)


class _Ends(forms.ModelForm):
    """Where a budget warns and where it stops."""

    warn_at = credits_field("Warn above", "Generate says so, and goes on.")
    stop_at = credits_field("Stop at", "What would go above it is not started.")

    class Meta:
        model = SpendingLimit
        fields = ["warn_at", "stop_at"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        warn_at, stop_at = given.get("warn_at"), given.get("stop_at")
        if warn_at is None and stop_at is None and not self.errors:
            raise ValidationError("Give at least one of the two: where it warns, or where it stops.", code="endless")
        if warn_at is not None and stop_at is not None and warn_at >= stop_at:
            self.add_error("warn_at", f"A warning above {warn_at:,} would never come: it stops at {stop_at:,}.")
        return given


class EndsForm(ShownMixin, _Ends):
    """Other ends for a budget that is there."""

    def last_change(self, name: str) -> Event | None:
        limit: SpendingLimit = self.instance
        whose = name_of(limit.user) if limit.user else ""
        return of_team(limit.team_id, "budget", name, self.initial[name], whose=whose, period=limit.period)


class BudgetForm(_Ends):
    """A new budget: whose, and for how long."""

    user = PersonChoice(User.objects.none(), label="For", required=False, empty_label="The whole team")
    period = forms.ChoiceField(label="Counted over", choices=SpendingLimit.Period.choices)

    class Meta(_Ends.Meta):
        fields = ["user", "period", "warn_at", "stop_at"]

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data, instance=SpendingLimit(team=team))
        self.team = team
        people = User.objects.filter(memberships__team=team, is_active=True)
        self.fields["user"].queryset = people.order_by("first_name", "last_name", "username")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        user, period = given.get("user"), given.get("period")
        if not self.errors and self.team.spending_limits.filter(user=user, period=period).exists():
            whose = name_of(user) if user else "the whole team"
            raise ValidationError(f"There is a budget of {period} for {whose} already. Change that one.", code="double")
        return given


class AskingForm(OfTeam, forms.ModelForm):
    """Above what one press of Generate asks first."""

    confirm_above = credits_field(
        "Generate asks above", "Credits of one press, all its takes together. Empty: it never asks."
    )

    class Meta:
        model = Team
        fields = ["confirm_above"]
