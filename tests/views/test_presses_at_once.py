"""Many hands on one button: whatever is pressed at the same moment is made once, and no budget is overrun by it."""

from __future__ import annotations

import json
import threading
import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum
from django.test import Client

from assets_app.models import Generation, SpendingLimit, Team
from tests.views.scene import PARAMS, make_asset, make_generation, make_team, make_user

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 8
SOUND = "output audio may be related to copyright"


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def ana(team: Team) -> User:
    return make_user("ana", team)


def press(user: User, *presses: tuple[str, dict[str, str]]) -> None:
    """All at once, each from a browser of its own."""
    together = threading.Barrier(len(presses), timeout=180)

    def one(path: str, data: dict[str, str]) -> None:
        client = Client()
        client.force_login(user)
        together.wait()
        try:
            client.post(path, data)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=each) for each in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def form(**changes: str) -> dict[str, str]:
    settings = {name: "on" if value is True else str(value) for name, value in PARAMS.items() if value is not False}
    called = {"model": "seedance-2", "shown_model": "seedance-2", "prompt": "A lighthouse"}
    return {"click": str(uuid.uuid4()), **called, **settings, **changes}


def test_one_press_of_generate_is_one_set(team, ana):
    press(ana, *[("/dailies/generate/", form(click=str(uuid.UUID(int=1)), takes="3"))] * TOGETHER)
    assert Generation.objects.count() == 3


@pytest.mark.parametrize(
    ("verb", "film", "sent"),
    [
        ("run/?n=0", {}, {}),
        ("final/", {"is_draft": True, "draft_of": {"model": "seedance-2", "params": PARAMS}}, {}),
        ("fix/", {"state": "failed", "reason": SOUND}, {"fix": "sound_off"}),
    ],
)
def test_one_press_on_a_film_makes_one(team, ana, verb, film, sent):
    film = make_generation(team, **film)
    press(ana, *[(f"/dailies/videos/{film.pk}/{verb}", sent)] * TOGETHER)
    assert film.made_later.count() == 1


def test_different_buttons_together_spend_no_more_than_the_budget_has(team, ana):
    SpendingLimit.objects.create(team=team, period="day", stop_at=144 * 4)
    done, failed = make_generation(team, by=ana), make_generation(team, "failed", reason=SOUND)
    press(
        ana,
        *[("/dailies/generate/", form()) for _ in range(4)],
        (f"/dailies/videos/{done.pk}/run/?n=0", {}),
        (f"/dailies/videos/{failed.pk}/fix/", {"fix": "sound_off"}),
    )
    assert Generation.objects.aggregate(spent=Sum("spend"))["spent"] == 144 * 4


def test_of_many_who_say_different_things_of_one_asset_at_once_one_is_saved_and_the_others_are_told(team, ana):
    asset = make_asset(team)
    address = f"/dailies/assets/{asset.pk}/edit/"
    shown = json.dumps({"notes": "", "names": ""})
    press(ana, *[(address, {"shown": shown, "notes": f"Note {n}", "names": f"tag {n}"}) for n in range(TOGETHER)])
    assert asset.tags.count() == TOGETHER
    assert asset.events.filter(note__field="notes").count() == 1
