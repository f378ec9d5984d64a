"""Names that people sign in with, told apart by whoever reads them."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from assets_app.accounts import email_is_taken

WHAT_IT_IS = "Name you sign in with"
WHAT_IT_MAY_BE = "Others see it beside what you do. Letters, digits and @ . + - _"

# Letters of other alphabets that look like a Latin one, in small letters as capitals are compared.
_LOOKS_LIKE = str.maketrans("авеѕіјкмнорстухһԁԛԝѵαβικνορτυχ", "abesijkmhopctyxhdqwvabikvoptux")


def skeleton(name: str) -> str:
    """What is left of a name when what looks alike is alike."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKS_LIKE)


def taken() -> ValidationError:
    return ValidationError("Somebody here has this name, or one that looks like it.", code="taken")


def refuse_anothers(name: str, owner: User | None = None) -> None:
    """Raises a ValidationError for what somebody else signs in with, and for what looks like their name."""
    if email_is_taken(name, by_other_than=owner) or _looks_like_anothers(name, owner):
        raise taken()


def _looks_like_anothers(name: str, owner: User | None) -> bool:
    wanted, others = skeleton(name), User.objects.exclude(pk__in=[owner.pk] if owner else [])
    return any(skeleton(each) == wanted for each in others.values_list("username", flat=True).iterator())
