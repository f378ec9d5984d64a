"""A NUL character, which PostgreSQL takes nowhere: it is refused or left out wherever it comes in."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client
from django.views.decorators.csrf import csrf_exempt

from assets_app.forms.slots import Filled, problem_with_url
from assets_app.middleware import NoNulMiddleware
from assets_app.models import Asset, Generation
from assets_app.models.registering import name_from

ADDRESSES = [
    "generate/?pool_name=%00",
    "generate/?from=%00",
    "generate/?asset=%00&model=%00",
    "assets/?q=a%00b",
    "assets/?before=1_%00&sort=name",
    "assets/?%00=1",
    "tray/?asset=%00",
    "videos/?before=%00",
    "activity/?who=%00&kind=%00&since=%00",
    "live/?v=0&page=%00&for=%00",
    "?urls=%00",
    "%00/",
]


@pytest.fixture
def page(admin, client_of) -> Client:
    return client_of(admin)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/webhooks/apiframe/%00/", "/login/?next=%00", "/invite/%00/", "/%00"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_who_sends_one_in_an_address_is_refused(client, method, address):
    assert getattr(client, method)(address).status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_member_who_sends_one_in_an_address_is_refused(team, page, address):
    assert page.get(f"/dailies/{address}").status_code == 400


@pytest.mark.django_db
def test_one_in_a_cookie_is_refused(client):
    client.cookies.load({"sessionid": "aaaaaaaa\0bbbbbbbb"})
    answer = client.get("/")
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/login/", {"username": "a\0", "password": "b\0"}),
        ("/dailies/assets/add/", {"urls": "https://a.example/1.png\0"}),
        ("/dailies/generate/", {"prompt": "a\0b"}),
        ("/dailies/generate/", {"reference": "reference_image:url:http://a.example/\0.png"}),
        ("/dailies/generate/check/", {"pool_name": "\0"}),
        ("/dailies/assets/do/tag/", {"names": "\0"}),
        ("/dailies/members/invite/", {"email": "a\0@a.example", "\0": "1"}),
    ],
)
def test_one_in_a_form_is_refused(team, page, path, fields):
    assert page.post(path, fields).status_code == 400
    urlencoded = "&".join(f"{quote(name)}=%00" for name in fields)
    assert page.post(path, urlencoded, "application/x-www-form-urlencoded").status_code == 400
    assert not Generation.objects.exists()
    assert not Asset.objects.exists()


def test_one_that_an_address_hides_is_left_out_of_the_name(team, page):
    page.post("/dailies/assets/add/", {"urls": "https://a.example/a%00b%0A.png"})
    assert Asset.objects.get(team=team).name == "ab"
    assert name_from("https://a.example/%00") == "a.example"
    assert Filled("reference_image", "image", url="https://a.example/a%00b.png").name == "ab.png"


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\u202e", "\ud800"])
def test_an_address_with_signs_that_cannot_be_seen_is_no_reference(sign):
    assert "cannot be seen" in problem_with_url(f"https://a.example/{sign}.png")


def test_a_view_that_reads_its_body_itself_is_left_to_do_so(rf):
    request = rf.post("/", {"name": "\0"})
    NoNulMiddleware(lambda _: HttpResponse()).process_view(request, csrf_exempt(lambda _: HttpResponse()), (), {})
    assert not hasattr(request, "_post")
