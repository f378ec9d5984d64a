"""A film that the provider turned down over an asset: from then on that asset is not taken for Active any more until
the provider says so anew, so that the next film made with it waits, and is sent with the id that it has then.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from assets_app.apiframe import reasons
from assets_app.engine.asking import ask_first_about
from assets_app.models import Asset, Event, Generation, SettledDoubt

OVER_AN_ASSET = ("asset_gone", "asset_not_ready")
DOUBTED = "A film was turned down over it: asking the provider whether it still has it"


def turn_down(film: Generation, words: str, *, is_quote: bool = True, **changes: Any) -> None:
    """End it as failed, with the provider's words."""
    with transaction.atomic():
        if film.move("failed", reason=words, is_quote=is_quote, **changes):
            doubt(doubtful_assets(film, words))
            SettledDoubt.learn(film, words)


def doubtful_assets(film: Generation, words: str) -> list[Asset]:
    """Which of its assets the provider may have lost: all of them, for it names the first that it misses and looks no
    further. One that was registered again since is another one there by now, and nobody has complained about that.
    """
    if reasons.explain(words).code not in OVER_AN_ASSET:
        return []
    ids_sent = re.findall(r"asset://([^\s\"']+)", str(film.request))
    return list(film.team.assets.active().filter(references__generation=film, provider_id__in=ids_sent).distinct())


def doubt(assets: list[Asset]) -> None:
    """What the provider said of them before counts no more, and they are asked about first of all."""
    for asset in assets:
        same = Asset.objects.filter(pk=asset.pk, state="active", provider_id=asset.provider_id)
        if same.update(verified_at=None):
            Event.objects.create(team_id=asset.team_id, asset=asset, subject="library", note={"said": DOUBTED})
    ask_first_about([asset.pk for asset in assets])
