"""Who runs a team when its only admin deletes their account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from assets_app.leaving import teams_run_alone
from assets_app.models import Membership, Team


class HeirsForm(forms.Form):
    """A field for each team that would be left without an admin. `stuck` are those that nobody else is in."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.memberships = list(Membership.objects.filter(user=user).select_related("team").order_by("team__name"))
        self.others: dict[str, dict[str, Membership]] = {}
        self.stuck: list[Team] = []
        for own in teams_run_alone(user):
            others = own.team.memberships.filter(user__is_active=True).exclude(pk=own.pk).select_related("user")
            if not others:
                self.stuck.append(own.team)
                continue
            self.others[own.team.slug] = {str(each.pk): each for each in others}
            choices = [("", "Choose somebody"), *((each.pk, _name(each.user)) for each in others)]
            label = f"Who runs {own.team.name} from then on"
            self.fields[f"runs-{own.team.slug}"] = forms.ChoiceField(label=label, choices=choices)

    @property
    def heirs(self) -> list[Membership]:
        """Those who become admins, once the form is valid."""
        return [others[self.cleaned_data[f"runs-{slug}"]] for slug, others in self.others.items()]

    def clean(self) -> dict[str, Any]:
        if self.stuck:
            raise forms.ValidationError("A team would be left without anybody.", code="stuck")
        return super().clean() or self.cleaned_data


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()
