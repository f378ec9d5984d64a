"""The first team: demo with the sandbox, or a real one as soon as there is a key; and demo passwords nowhere else."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from assets_app.management.commands import up
from assets_app.models import Connection, Membership, Team
from assets_app.startup import first_team
from assets_app.startup.first_team import SANDBOX_KEY, SignIn

pytestmark = pytest.mark.django_db
REAL_KEY = "afk_a_real_key"
ADDRESS = "https://api.apiframe.ai"


@pytest.fixture(autouse=True)
def on_loopback_without_a_key(settings: Settings) -> None:
    settings.ON_LOOPBACK_ONLY = True
    settings.SANDBOX_URL = settings.APIFRAME_BASE_URL = "http://127.0.0.1:8001"
    settings.APIFRAME_API_KEY = ""


def give_a_key(settings: Settings, key: str = REAL_KEY) -> None:
    settings.APIFRAME_API_KEY, settings.APIFRAME_BASE_URL = key, ADDRESS


def move_to(settings: Settings, port: int) -> None:
    settings.SANDBOX_URL = settings.APIFRAME_BASE_URL = f"http://127.0.0.1:{port}"


def test_without_a_key_demo_signs_in_to_the_demo_team_and_the_sandbox() -> None:
    assert first_team.ensure() == SignIn("demo", "demo")
    team = Team.objects.get()
    assert (team.slug, team.connection.base_url, team.connection.api_key) == (
        "demo",
        "http://127.0.0.1:8001",
        SANDBOX_KEY,
    )
    assert team.connection.is_sandbox
    assert authenticate(username="demo", password="demo") == team.members.get()
    assert first_team.needs_our_sandbox()


def test_a_second_start_changes_nothing() -> None:
    first_team.ensure()
    before = Connection.objects.values().get()
    assert first_team.ensure() == SignIn("demo", "demo")
    assert Connection.objects.values().get() == before


def test_a_demo_password_that_was_changed_stays_changed() -> None:
    first_team.ensure()
    change_password("demo", "something better")
    assert first_team.ensure() == SignIn("demo")
    assert authenticate(username="demo", password="demo") is None


def test_demo_under_another_name_is_not_made_anew() -> None:
    first_team.ensure()
    User.objects.update(username="ana")
    assert first_team.ensure() == SignIn("ana")
    assert User.objects.get().username == "ana"


def test_nor_is_one_that_was_taken_out_while_somebody_else_runs_the_team() -> None:
    first_team.ensure()
    team, ana = Team.objects.get(), User.objects.create_user("ana")
    Membership.objects.create(team=team, user=ana, role=Membership.Role.ADMIN)
    Membership.objects.filter(user__username="demo").delete()
    assert first_team.ensure() == SignIn("ana")
    assert team.members.get() == ana


def test_a_team_that_nobody_runs_any_more_has_demo_again() -> None:
    first_team.ensure()
    User.objects.update(is_active=False)
    assert first_team.ensure() == SignIn("demo", "demo")
    assert authenticate(username="demo", password="demo") is not None


def test_the_demo_team_follows_the_sandbox_to_another_port(settings: Settings) -> None:
    first_team.ensure()
    move_to(settings, 9001)
    first_team.ensure()
    assert Connection.objects.get().base_url == "http://127.0.0.1:9001"
    assert first_team.needs_our_sandbox()


def test_a_demo_team_that_stayed_behind_gets_no_sandbox_where_others_reach_us(settings: Settings) -> None:
    first_team.ensure()
    settings.ON_LOOPBACK_ONLY = False
    assert not first_team.needs_our_sandbox()


def test_a_sandbox_elsewhere_on_this_machine_is_used_instead_of_ours(settings: Settings) -> None:
    settings.APIFRAME_BASE_URL = "http://127.0.0.1:9999"
    first_team.ensure()
    assert Connection.objects.get().base_url == "http://127.0.0.1:9999"
    assert not first_team.needs_our_sandbox()


def test_a_provider_elsewhere_without_a_key_is_refused(settings: Settings) -> None:
    settings.APIFRAME_BASE_URL = ADDRESS
    with pytest.raises(SystemExit, match="without APIFRAME_API_KEY"):
        first_team.ensure()


def test_a_public_address_gets_no_demo_team(settings: Settings) -> None:
    settings.ON_LOOPBACK_ONLY = False
    with pytest.raises(SystemExit, match="APIFRAME_API_KEY is missing"):
        first_team.ensure()
    assert not User.objects.exists()


def test_with_a_key_an_admin_with_a_strong_password_is_made_and_its_password_shown_once(
    settings: Settings,
) -> None:
    give_a_key(settings)
    made = first_team.ensure()
    assert made is not None
    assert len(made.password) >= 16
    assert authenticate(username="admin", password=made.password) == User.objects.get()
    assert first_team.ensure() == SignIn("admin")
    connection = Team.objects.get(slug="studio").connection
    assert (connection.base_url, connection.api_key, connection.is_sandbox) == (ADDRESS, REAL_KEY, False)
    assert not first_team.needs_our_sandbox()


def test_a_new_key_replaces_the_old_one_and_takes_its_banner_down(settings: Settings) -> None:
    give_a_key(settings)
    first_team.ensure()
    Connection.objects.update(problem=Connection.Problem.KEY_REFUSED)
    give_a_key(settings, "afk_another")
    first_team.ensure()
    connection = Connection.objects.get()
    assert (connection.api_key, connection.problem) == ("afk_another", "")


def test_the_same_key_leaves_the_banner_up(settings: Settings) -> None:
    give_a_key(settings)
    first_team.ensure()
    Connection.objects.update(problem=Connection.Problem.NO_CREDITS)
    first_team.ensure()
    assert Connection.objects.get().problem == Connection.Problem.NO_CREDITS


def test_a_key_that_cannot_be_read_any_more_is_sealed_anew(settings: Settings) -> None:
    give_a_key(settings)
    first_team.ensure()
    Connection.objects.update(sealed_key="sealed under another SECRET_KEY")
    first_team.ensure()
    assert Connection.objects.get().api_key == REAL_KEY


def test_requests_per_minute_follow_the_setting(settings: Settings) -> None:
    first_team.ensure()
    settings.APIFRAME_REQUESTS_PER_MINUTE = 42
    first_team.ensure()
    assert Connection.objects.get().requests_per_minute == 42


def test_a_key_beside_a_demo_password_is_refused_with_the_command_that_helps(settings: Settings) -> None:
    first_team.ensure()
    give_a_key(settings)
    with pytest.raises(SystemExit, match=r"castboard: the user demo still has .* manage\.py changepassword demo"):
        first_team.ensure()
    assert Connection.objects.get().is_sandbox


def test_once_demo_has_a_better_password_the_real_team_stands_beside_the_demo_team(settings: Settings) -> None:
    first_team.ensure()
    change_password("demo", "something better")
    give_a_key(settings)
    made = first_team.ensure()
    assert made is not None
    assert made.username == "admin"
    assert set(Team.objects.values_list("slug", "connection__is_sandbox")) == {("demo", True), ("studio", False)}
    assert not Membership.objects.filter(user__username="demo", team__slug="studio").exists()
    assert first_team.needs_our_sandbox()


def test_teams_that_the_operator_made_are_left_alone(settings: Settings) -> None:
    give_a_key(settings)
    first_team.ensure()
    before = Connection.objects.values().get()
    settings.APIFRAME_API_KEY = ""
    assert first_team.ensure() is None
    assert Connection.objects.values().get() == before


def test_a_public_address_refuses_the_demo_password_for_whatever_server_runs(settings: Settings) -> None:
    first_team.ensure()
    first_team.refuse_demo_password()
    settings.ON_LOOPBACK_ONLY = False
    with pytest.raises(SystemExit, match="allowed only on loopback"):
        first_team.refuse_demo_password()


def test_the_deployment_check_finds_the_demo_password(settings: Settings) -> None:
    first_team.ensure()
    assert "castboard.E001" not in deployment_errors()
    settings.ON_LOOPBACK_ONLY = False
    assert "castboard.E001" in deployment_errors()
    change_password("demo", "something better")
    assert "castboard.E001" not in deployment_errors()


def change_password(username: str, password: str) -> None:
    user = User.objects.get(username=username)
    user.set_password(password)
    user.save()


def deployment_errors() -> set[str | None]:
    return {message.id for message in run_checks(tags=["security"], include_deployment_checks=True)}


@pytest.mark.parametrize(
    ("sign_in", "once"),
    [(SignIn("admin", "a b c"), True), (SignIn("admin"), False), (SignIn("demo", "demo"), False)],
)
def test_only_a_password_that_was_just_made_is_told_at_once(sign_in: SignIn, once: bool) -> None:
    assert sign_in.is_shown_once is once


def test_the_first_password_is_said_before_it_counts(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is stopped right after has read it, or there is none yet."""
    give_a_key(settings)

    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(up.first_team, "needs_our_sandbox", stopped)
    for name in ("migrate", "lock_data_dir", "require_redis"):
        monkeypatch.setattr(up.preparation, name, lambda *_args: None)
    monkeypatch.setattr(up.preparation, "listen", lambda _port: nullcontext())
    with pytest.raises(KeyboardInterrupt):
        up._run()
    said = capsys.readouterr().out
    password = said.partition("with the password ")[2].split()[0]
    assert authenticate(username="admin", password=password) is not None
