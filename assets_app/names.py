"""Names that people sign in with, told apart by whoever reads them."""

from __future__ import annotations

import unicodedata

from allauth.account.internal.userkit import filter_users_by_email, filter_users_by_username
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

WHAT_IT_IS = "Name you sign in with"
WHAT_IT_MAY_BE = "Others see it beside what you do. Letters, digits and @ . + - _"

# Letters of other alphabets that look like a Latin one, in small letters as capitals are compared.
_LOOKS_LIKE = str.maketrans("авеѕіјкмнорстухһԁԛԝѵαβικνορτυχ", "abesijkmhopctyxhdqwvabikvoptux")


def skeleton(name: str) -> str:
    """What is left of a name when what looks alike is alike."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKS_LIKE)


def email_is_taken(email: str, *, by_other_than: User | None = None) -> bool:
    """Or the name of somebody: both sign in."""
    return any(user != by_other_than for user in [*filter_users_by_email(email), *filter_users_by_username(email)])


def taken() -> ValidationError:
    return ValidationError("Somebody here has this name, or one that looks like it.", code="taken")


def refuse_anothers(name: str, owner: User | None = None) -> None:
    """Raises a ValidationError for what somebody else signs in with, and for what looks like their name."""
    if email_is_taken(name, by_other_than=owner) or looks_like_anothers(name, owner):
        raise taken()


def looks_like_anothers(name: str, owner: User | None = None) -> bool:
    wanted, others = skeleton(name), User.objects.exclude(pk__in=[owner.pk] if owner else [])
    return any(skeleton(each) == wanted for each in others.values_list("username", flat=True).iterator())
