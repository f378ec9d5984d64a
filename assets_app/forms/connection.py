"""A team's way to the provider: a key is tried before it is kept."""

from __future__ import annotations

import re
import secrets
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac

from apiframe_site.environment import is_loopback
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, Forbidden, RateLimited, Unauthorized
from assets_app.apiframe.results import Me
from assets_app.engine.accounts import account_of, ask_about_all_assets, forgive, heard
from assets_app.engine.lost import at_the_provider, give_up_on_all
from assets_app.forms.shown import ShownMixin, of_team, told
from assets_app.media.guard import is_public
from assets_app.models import Connection, Event, Team
from assets_app.models.connection import fingerprint
from assets_app.models.sealing import Unreadable
from assets_app.startup.first_team import DEMO

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OFFICIAL = "https://api.apiframe.ai"
GIVEN_UP = (
    "Given up when the team’s key was exchanged for one of another account: only the old account can say what became "
    "of it, and what it cost."
)
SENT_MEANWHILE = (
    "A film was sent with the old key just now, which another account knows nothing of. Nothing was changed: paste the "
    "key again, and this page asks what is to become of the film."
)
SET_HERE = (
    *("base_url", "is_sandbox", "sealed_key", "key_prefix", "fingerprint", "requests_per_minute"),
    *("old_secret", "old_secret_until", "prices_asked_at"),
)
CHANGED_MEANWHILE = (
    "Somebody else changed the connection while this key was tried. Nothing was changed: look at what is set now, then "
    "paste the key again."
)
KEY = "key"  # among what the page showed
# Letters, digits and what stands between them in an address: nothing that quotes, names a user or looks like another.
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~%/-]*)?")
PATIENCE = (5.0, 15.0)  # seconds to connect and to answer: somebody is waiting


class WebhooksForm(ShownMixin, forms.ModelForm):
    """Whether the provider is asked for webhooks."""

    class Meta:
        model = Connection
        fields = ["webhooks"]


class ConnectionForm(ShownMixin, forms.Form):
    """Address, key and pace. The key is asked who it is (GET /v2/me) before anything is changed; one that the provider
    refuses leaves the old one as it was. One that is pasted is meant for the address, and in the place of the key, that
    the page showed.
    """

    not_shown = frozenset({"api_key", "give_up"})

    api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    base_url = forms.CharField(
        label="Address of the API",
        max_length=300,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    requests_per_minute = forms.IntegerField(
        label="Requests a minute", min_value=1, max_value=1_000_000, help_text="What the provider allows this key."
    )

    give_up = forms.BooleanField(required=False)

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        self.connection = connection
        self.raw = ""
        kwargs.setdefault(
            "initial", {"base_url": connection.base_url, "requests_per_minute": connection.requests_per_minute}
        )
        super().__init__(*args, **kwargs)
        self._warn_of_films(at_the_provider(connection.team).count() if connection.pk else 0)

    def _warn_of_films(self, number: int) -> None:
        """Before the key is exchanged: what follows for the films that only its account can be asked about."""
        self.films_there = number
        if not number:
            del self.fields["give_up"]
            return
        films = "1 film is" if number == 1 else f"{number:,} films are"
        field = self.fields["give_up"]
        field.label = f"Give up on {_them(number)} if the key belongs to another account"
        field.help_text = (
            f"{films} being made there now, and only a key of the same account can follow them. What is given up keeps "
            "counting its held credits and is listed on the usage page, where an admin can correct it. Assets, and "
            "films that are not sent yet, move to the new account."
        )

    def last_change(self, name: str) -> Event | None:
        now = {"address": self.connection.base_url, "key": self.connection.key_prefix, **self.initial}
        fact = {"base_url": "address"}.get(name, name)
        return of_team(self.connection.team_id, "connection", fact, now[fact])

    def is_touched(self, name: str, shown: str | None) -> bool:
        return super().is_touched(name, shown) or (name == "base_url" and bool(self.cleaned_data.get("api_key")))

    def _now(self) -> dict[str, str]:
        return super()._now() | ({KEY: self._key_now()} if self.connection.pk else {})

    def _key_now(self) -> str:
        """Which key there is, without a sign of the key itself."""
        return salted_hmac("castboard.shown_key", self.connection.fingerprint).hexdigest()[:12]

    def clean_api_key(self) -> str:
        key: str = self.cleaned_data["api_key"]
        shown = self._was_shown().get(KEY)
        if key and shown not in (None, self._key_now()):
            self.meanwhile[KEY] = self._key_now()
            who = told(self.last_change("key"), f"{self.connection.key_prefix}…")
            raise ValidationError(f"{who} Yours is not saved: paste it again to put it.")
        return key

    def clean_base_url(self) -> str:
        base_url: str = self.cleaned_data["base_url"].strip().rstrip("/")
        if base_url not in {self.connection.base_url, OFFICIAL, settings.APIFRAME_BASE_URL, settings.SANDBOX_URL}:
            refuse_private(base_url)
        return base_url

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        key = given["api_key"] or self._kept_key(given["base_url"])
        if not self._is_sandbox(given["base_url"]) and authenticate(username=DEMO, password=DEMO):
            raise ValidationError(
                "The user demo still has the password demo, which everybody knows. Give it another before a real key "
                "can be spent here.",
                code="demo",
            )
        me = self._ask(given["base_url"], key)
        is_same = self._is_same_account(given["base_url"], key, me)
        if self.films_there and not is_same and not given.get("give_up"):
            raise ValidationError(
                {
                    "give_up": "This key belongs to another account, which knows nothing of "
                    f"{_them(self.films_there)}. Wait until they are done, or tick this and paste the key again. "
                    "Nothing was changed."
                }
            )
        return {**given, "api_key": key, "me": me}

    def _is_same_account(self, base_url: str, key: str, me: Me) -> bool:
        """Whether what was sent so far can be asked about with this key. Where the provider names no accounts, only the
        same key is sure to be of the same.
        """
        if self.connection.fingerprint == fingerprint(base_url, key):
            return True
        return bool(account_of(me)) and account_of(me) == self.connection.account_id

    def _kept_key(self, base_url: str) -> str:
        """The stored key, which is only ever sent to where it was meant for."""
        if not self.connection.sealed_key:
            raise ValidationError({"api_key": "Paste a key."})
        if base_url != self.connection.base_url:
            raise ValidationError({"api_key": "A new address needs its key: the stored one is not sent there."})
        try:
            return self.connection.api_key
        except Unreadable as error:
            raise ValidationError({"api_key": "The stored key cannot be read any more. Paste it again."}) from error

    def _ask(self, base_url: str, key: str) -> Me:
        try:
            with Client(base_url, key, timeout=PATIENCE, pool_size=1) as client:
                return client.me()
        except ApiframeError as error:
            self.raw = error.raw
            raise ValidationError({"api_key": f"{_what_went_wrong(error)} Nothing was changed."}) from error
        except ValueError as error:  # nothing that can be asked, as the client or the library under it sees it
            raise ValidationError({"base_url": "This is not a web address."}) from error

    def _is_sandbox(self, base_url: str) -> bool:
        stays = base_url == self.connection.base_url and self.connection.is_sandbox
        return stays or base_url == settings.SANDBOX_URL

    @transaction.atomic
    def save(self, actor: User) -> bool:
        """Keep what was tried, put it on record without the key, and let what waited for a good key go on. False, with
        the reason among the errors, when a film was sent with the old key while the new one was tried.
        """
        connection, given = self.connection, self.cleaned_data
        connection.team.next_revision()
        is_new = connection.pk is None
        if not is_new:
            asked_for = _facts(connection), connection.fingerprint
            connection.refresh_from_db()  # the engine wrote meanwhile what it heard of the account
            if (_facts(connection), connection.fingerprint) != asked_for:
                self.add_error(None, CHANGED_MEANWHILE)
                return False
        is_same = is_new or self._is_same_account(given["base_url"], given["api_key"], given["me"])
        left_behind = [] if is_same else list(at_the_provider(connection.team))
        if left_behind and not given.get("give_up"):
            self.add_error(None, SENT_MEANWHILE)
            return False
        give_up_on_all(left_behind, GIVEN_UP, actor)
        before, key_before = _facts(connection), connection.fingerprint
        is_told = bool(connection.account_id and account_of(given["me"]))
        connection.is_sandbox = self._is_sandbox(given["base_url"])
        connection.base_url, connection.api_key = given["base_url"], given["api_key"]
        connection.requests_per_minute = given["requests_per_minute"]
        connection.save(update_fields=None if is_new else SET_HERE)
        heard(connection, given["me"])
        if not is_same and not is_told:  # nobody knows whose the old key was, so its assets are asked about to be sure
            ask_about_all_assets(connection.team)
        if connection.fingerprint != key_before:
            forgive(connection)
        if (after := _facts(connection)) != before:
            Event.about_team(connection.team, actor, "connection", **after)
        return True


class NewConnectionForm(ConnectionForm):
    """A new team's key; where there is a sandbox, none is needed to begin."""

    def __init__(self, *args: Any, may_play: bool, **kwargs: Any) -> None:
        super().__init__(*args, connection=Connection(), **kwargs)
        self.may_play = may_play
        del self.fields["base_url"], self.fields["requests_per_minute"]
        if may_play:
            self.fields["api_key"].label = "API key (optional)"
            self.fields["api_key"].help_text = "Without one the team begins in the sandbox, where nothing is charged."

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        real = settings.APIFRAME_BASE_URL if settings.APIFRAME_API_KEY else OFFICIAL
        plays = self.may_play and not given.get("api_key")
        given["base_url"] = settings.SANDBOX_URL if plays else real
        given["requests_per_minute"] = settings.APIFRAME_REQUESTS_PER_MINUTE
        if plays:
            given["api_key"] = f"afk_sandbox_{secrets.token_hex(8)}"  # any such key has credits of its own there
        return super().clean()

    def save_for(self, team: Team, actor: User) -> None:
        self.connection.team = team
        self.save(actor)


def refuse_private(base_url: str) -> None:
    """Keep a team's admin from pointing us into the operator's own network: what we fetch for a team may come from its
    provider, wherever that is. TLS keeps a name that is public now from becoming a private address later.
    """
    if not _PLAIN_ADDRESS.fullmatch(base_url):
        raise ValidationError(f"The address must look like {OFFICIAL}.")
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValidationError("This is not a web address.") from error
    if parts.scheme in ("http", "https") and is_loopback(base_url) and settings.ON_LOOPBACK_ONLY:
        return
    if parts.scheme != "https" or not host or parts.username or parts.query or parts.fragment:
        raise ValidationError(f"The address must look like {OFFICIAL}.")
    try:
        found = {str(answer[4][0]) for answer in socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise ValidationError(f"There is no “{host}”.") from error
    if not all(is_public(address.partition("%")[0]) for address in found):
        raise ValidationError(
            "This address lies in a private network. Whoever runs Castboard can set it as APIFRAME_BASE_URL."
        )


def _them(number: int) -> str:
    return "1 film" if number == 1 else f"{number:,} films"


def _facts(connection: Connection) -> dict[str, Any]:
    return {
        "key": connection.key_prefix,
        "address": connection.base_url,
        "requests_per_minute": connection.requests_per_minute,
    }


def _what_went_wrong(error: ApiframeError) -> str:
    """The provider's words, and whose fault it looks like."""
    if isinstance(error, Unauthorized | Forbidden):
        return f"The provider refuses this key: “{error.message.rstrip('.')}”."
    if isinstance(error, RateLimited):
        return f"The provider takes no more requests right now. Try again in {error.retry_after or 1:.0f} s."
    return f"The key could not be tried: “{error.message.rstrip('.')}”."
