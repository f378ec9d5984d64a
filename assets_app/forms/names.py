"""Names that people sign in with, told apart by whoever reads them."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.models import User

# Letters of other alphabets that look like a Latin one, in small letters as capitals are compared.
_LOOKS_LIKE = str.maketrans("авеѕіјкмнорстухһԁԛԝѵαβικνορτυχ", "abesijkmhopctyxhdqwvabikvoptux")


def skeleton(name: str) -> str:
    """What is left of a name when what looks alike is alike."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKS_LIKE)


def looks_like_anothers(name: str) -> bool:
    wanted = skeleton(name)
    return any(skeleton(each) == wanted for each in User.objects.values_list("username", flat=True).iterator())
