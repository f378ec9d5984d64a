"""What people fill in about themselves: to sign in, to join, and who they are."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.utils import encrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from assets_app import sign_in_log
from assets_app.accounts import set_email, use_code
from assets_app.forms.passwords import ONCE_MORE, WHAT_IS_GOOD
from assets_app.forms.shown import ShownMixin
from assets_app.mail import FORGOTTEN, can_send, post
from assets_app.names import WHAT_IT_IS, WHAT_IT_MAY_BE, email_is_taken, refuse_anothers
from assets_app.sign_in_limits import guess_second_step


class SignInForm(LoginForm):
    """allauth's, with its one field for name or e-mail called `username` on the page."""

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)


USED = "This code has been used. Wait for the next one."


class _CodeForm(forms.Form):
    """allauth's, with limits on guessing that hold everywhere, and an app's code counting once."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        guess = guess_second_step(context.request, self.user.pk)
        code: str = super().clean_code()  # type: ignore[misc]
        is_from_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_from_app and not use_code(self.user, self.authenticator.data["secret"], code):
            sign_in_log.used_code(context.request, self.user)
            raise ValidationError(USED, code="used")
        guess.was_right()
        return code


class SecondStepForm(_CodeForm, AuthenticateForm):
    """After the password."""


class ConfirmWithCodeForm(_CodeForm, ReauthenticateForm):
    """Before something that matters."""


class AuthenticatorAppForm(ActivateTOTPForm):
    """Adds an app; the code that shows it works lets nobody in afterwards."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        use_code(self.user, encrypt(self.secret), code)
        return code


class ForgottenPasswordForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def save(self, request: HttpRequest) -> None:
        """Writes down that somebody asked, whoever has the address; the mail is for who has it."""
        post(FORGOTTEN, self.cleaned_data["email"], request, address=get_adapter(request).get_client_ip(request))


class PasskeyForm(AddWebAuthnForm):
    """allauth's, in plainer words."""

    passwordless = forms.BooleanField(
        label="Sign in with nothing else",
        required=False,
        initial=True,
        help_text="No name, no password: it asks for a fingerprint, a face or a PIN instead. Without this it is the "
        "second step after the password.",
    )


class _HasEmail(forms.Form):
    email = forms.EmailField(
        label="E-mail (optional)",
        required=False,
        help_text="For a new password when the old one is forgotten.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    owner: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send():
            self.fields[
                "email"
            ].help_text = "For a new password when the old one is forgotten, once there is a mail server."

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email and email_is_taken(email, by_other_than=self.owner):
            raise ValidationError("Somebody else here uses this address.", code="taken")
        return email


class JoinForm(_HasEmail, UserCreationForm):
    """An account for somebody who was invited."""

    field_order = ["username", "email", "password1", "password2"]

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)
        labels = {"username": WHAT_IT_IS}
        help_texts = {"username": WHAT_IT_MAY_BE}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = WHAT_IS_GOOD
        self.fields["password2"].label = ONCE_MORE
        self.fields["password2"].help_text = ""

    def clean_username(self) -> str:
        """Not what somebody else signs in with, nor what looks like their name."""
        username: str | None = super().clean_username()
        if not username:  # the very name of another
            return ""
        refuse_anothers(username)
        return username

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        set_email(user, self.cleaned_data["email"])
        return user


class ProfileForm(ShownMixin, _HasEmail):
    full_name = forms.CharField(
        label="Name that others see",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    username = forms.CharField(
        label=WHAT_IT_IS,
        max_length=150,
        required=False,
        validators=[User.username_validator],
        help_text="Letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    field_order = ["full_name", "username", "email"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = self.owner = user
        now = {"full_name": user.get_full_name(), "username": user.get_username(), "email": user.email}
        kwargs.setdefault("initial", now)
        super().__init__(*args, **kwargs)
        self.fields["full_name"].help_text = f"Empty: {user.get_username()}, the name you sign in with."

    def clean_username(self) -> str:
        """Left out it stays as it is."""
        name = unicodedata.normalize("NFKC", self.cleaned_data["username"]) or self.user.get_username()
        if name != self.user.get_username():
            refuse_anothers(name, self.user)
        return name

    @transaction.atomic
    def save(self) -> None:
        """Raises IntegrityError when somebody took the name in this very moment."""
        if "username" in self.changes:
            self.user.username = self.changes["username"]
            self.user.save(update_fields=["username"])
        if "full_name" in self.changes:
            self.user.first_name, self.user.last_name = self.changes["full_name"], ""
            self.user.save(update_fields=["first_name", "last_name"])
        if "email" in self.changes:
            set_email(self.user, self.changes["email"])
