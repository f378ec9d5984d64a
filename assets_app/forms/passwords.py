"""Choosing a password, wherever one is chosen: allauth's forms in the words of this house."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.socialaccount.forms import SignupForm
from django import forms

from assets_app.names import WHAT_IT_IS, refuse_anothers

WHAT_IS_GOOD = "At least twelve characters, and not one that everybody uses."
ONCE_MORE = "Password once more"


class _ChoosesPassword(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, help_text in (
            ("oldpassword", "Password so far", ""),
            ("password1", "New password", WHAT_IS_GOOD),
            ("password2", ONCE_MORE, ""),
        ):
            if field := self.fields.get(name):
                field.label, field.help_text = label, help_text
                field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(_ChoosesPassword, allauth_forms.ChangePasswordForm):
    """In place of the one so far."""


class SetPasswordForm(_ChoosesPassword, allauth_forms.SetPasswordForm):
    """Where there was none."""


class ReplacePasswordForm(_ChoosesPassword, allauth_forms.ResetPasswordKeyForm):
    """With a link from a mail, in place of one that was forgotten."""


class ConfirmPasswordForm(allauth_forms.ReauthenticateForm):
    """Before something that matters. Whoever is signed in knows where to go for a forgotten one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class OrganisationJoinForm(SignupForm):
    """What somebody is called here whom the organisation has vouched for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = WHAT_IT_IS
        if email := self.fields.get("email"):
            email.label = "E-mail" if email.required else "E-mail (optional)"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean_username(self) -> str:
        username: str = super().clean_username()
        refuse_anothers(username)
        return username
