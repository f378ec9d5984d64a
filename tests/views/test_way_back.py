"""The page that a form names to go back to: ours, from its root; anything else leads to the page that fits."""

from __future__ import annotations

import pytest
from django.urls import reverse

from .scene import make_generation

pytestmark = pytest.mark.django_db

NOT_OURS = [
    "",
    "xyz",
    "home",
    "?a=b",
    "#x",
    "tests.views",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
]


@pytest.mark.parametrize("back", NOT_OURS)
def test_what_is_no_page_of_ours_leads_to_the_page_that_fits(team, admin, client_of, back):
    film, page = make_generation(team), client_of(admin)
    rated = page.post(reverse("video-rate", args=["dailies", film.pk]), {"rating": "3", "back": back})
    assert rated["Location"] == reverse("video", args=["dailies", film.pk])
    for bar in ("videos-do", "assets-do"):
        done = page.post(reverse(bar, args=["dailies", "star"]), {"film": film.pk, "back": back})
        assert done["Location"] == reverse(bar.removesuffix("-do"), args=["dailies"])
    asked = page.post(reverse("ask-me", args=["dailies"]), {"asks": "yes", "next": back})
    assert asked["Location"] == reverse("budgets", args=["dailies"])


def test_a_page_of_ours_is_gone_back_to_with_all_that_its_address_says(team, admin, client_of):
    film, back = make_generation(team), "/dailies/videos/?q=dawn&sort=oldest"
    rated = client_of(admin).post(reverse("video-rate", args=["dailies", film.pk]), {"rating": "3", "back": back})
    assert rated["Location"] == back
