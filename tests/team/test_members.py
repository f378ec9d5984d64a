"""Coming into a team, changing what one may do there, and going."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets_app.models import Event, Invitation, LastAdmin, Membership, NotAdmin, Team, invite

Role = Membership.Role
NEW_PERSON = {"username": "nora", "password1": "far from the shore", "password2": "far from the shore", "email": ""}


@pytest.fixture
def token(team: Team, admin: User) -> str:
    return invite(team, admin, Role.EDITOR, timedelta(days=7), "Nora")[1]


def membership_of(user: User, team: Team) -> Membership:
    return Membership.objects.get(user=user, team=team)


def told(team: Team) -> list[str]:
    return list(Event.objects.filter(team=team, subject=Event.TEAM).order_by("id").values_list("to_state", flat=True))


class TestInviting:
    def test_an_admin_is_shown_the_link_this_once(
        self, team: Team, admin: User, client_of: Callable[[User], Client]
    ) -> None:
        client = client_of(admin)
        page = client.post("/dailies/members/invite/", {"role": "viewer", "days": "1", "note": "The intern"})
        link = re.search(r"http://testserver(/invite/[\w-]+/)", page.content.decode())
        assert link
        assert Client().get(link[1]).status_code == 200
        later = client.get("/dailies/members/").content.decode()
        assert "The intern" in later
        assert "/invite/" not in later.replace("/members/invite/", "")

    def test_the_database_does_not_hold_what_opens_the_link(self, team: Team, token: str) -> None:
        assert token not in str(Invitation.objects.values_list().get())

    @pytest.mark.parametrize(
        "wrong", [{"role": "owner"}, {"days": "3650"}, {"days": "x"}, {"note": "n" * 81}, {"role": ""}]
    )
    def test_what_makes_no_sense_makes_no_link(
        self, team: Team, admin: User, client_of: Callable[[User], Client], wrong: dict[str, str]
    ) -> None:
        page = client_of(admin).post("/dailies/members/invite/", {"role": "viewer", "days": "1", "note": "", **wrong})
        assert page.status_code == 200
        assert not Invitation.objects.exists()

    def test_taking_a_link_back_ends_it(
        self, team: Team, admin: User, client_of: Callable[[User], Client], token: str
    ) -> None:
        client_of(admin).post(f"/dailies/members/invitations/{Invitation.objects.get().pk}/revoke/")
        assert Client().get(f"/invite/{token}/").status_code == 404
        assert told(team) == ["invited", "uninvited"]

    def test_links_of_somebody_who_is_no_admin_any_more_let_nobody_in(
        self, team: Team, admin: User, editor: User, token: str
    ) -> None:
        boss = membership_of(admin, team)
        membership_of(editor, team).change_role(Role.ADMIN, by=boss)
        boss.end(by=membership_of(editor, team))
        assert Invitation.objects.open_with(token) is None


class TestJoining:
    def test_the_page_says_who_invites_to_what_as_what(self, token: str) -> None:
        page = Client().get(f"/invite/{token}/").content.decode()
        assert "Join Dailies" in page
        assert "ada invites you as" in page
        assert "adds, edits and generates" in page

    def test_somebody_new_chooses_a_name_and_a_password_and_is_in(self, team: Team, token: str) -> None:
        client = Client()
        assert client.post(f"/invite/{token}/", NEW_PERSON)["Location"] == "/dailies/"
        assert client.get("/dailies/").status_code == 200
        nora = User.objects.get(username="nora")
        assert membership_of(nora, team).role == Role.EDITOR
        assert nora.check_password("far from the shore")

    def test_somebody_signed_in_joins_with_one_press(
        self, team: Team, stranger: User, client_of: Callable[[User], Client], token: str
    ) -> None:
        client = client_of(stranger)
        assert "Join as stan" in client.get(f"/invite/{token}/").content.decode()
        assert client.post(f"/invite/{token}/")["Location"] == "/dailies/"
        assert membership_of(stranger, team).role == Role.EDITOR

    def test_looking_at_the_link_joins_nobody(
        self, team: Team, stranger: User, client_of: Callable[[User], Client], token: str
    ) -> None:
        client_of(stranger).get(f"/invite/{token}/")
        assert not team.memberships.filter(user=stranger).exists()

    def test_a_link_lets_in_one_person(self, team: Team, token: str) -> None:
        Client().post(f"/invite/{token}/", NEW_PERSON)
        second = Client().post(f"/invite/{token}/", NEW_PERSON | {"username": "otto"})
        assert second.status_code == 404
        assert not User.objects.filter(username="otto").exists()

    def test_a_member_who_opens_it_does_not_use_it_up_nor_change_role(
        self, team: Team, viewer: User, client_of: Callable[[User], Client], token: str
    ) -> None:
        client = client_of(viewer)
        assert "You are in this team already" in client.get(f"/invite/{token}/").content.decode()
        client.post(f"/invite/{token}/")
        assert membership_of(viewer, team).role == Role.VIEWER
        assert Invitation.objects.open_with(token)

    def test_a_link_ends_when_its_time_is_over(self, token: str) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
            assert Client().get(f"/invite/{token}/").status_code == 404

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"password1": "12345678", "password2": "12345678"}, "too common"),
            ({"password2": "something else"}, "match"),
            ({"username": "ADA"}, "already exists"),
            ({"username": "no spaces please"}, "valid username"),
        ],
    )
    def test_a_name_or_password_that_will_not_do_says_why_and_uses_nothing_up(
        self, token: str, wrong: dict[str, str], words: str
    ) -> None:
        page = Client().post(f"/invite/{token}/", NEW_PERSON | wrong)
        assert words in page.content.decode()
        assert Invitation.objects.open_with(token)
        assert User.objects.count() == 1

    def test_who_joined_and_who_invited_them_is_on_record(self, team: Team, token: str) -> None:
        Client().post(f"/invite/{token}/", NEW_PERSON)
        event = Event.objects.get(team=team, to_state="joined")
        assert event.actor
        assert event.actor.username == "nora"
        assert event.note == {"role": "editor", "invited_by": "ada"}


class TestRoles:
    def test_an_admin_changes_them_and_it_is_on_record(
        self, team: Team, admin: User, viewer: User, client_of: Callable[[User], Client]
    ) -> None:
        member = membership_of(viewer, team)
        client_of(admin).post(f"/dailies/members/{member.pk}/role/", {"role": "editor"})
        assert membership_of(viewer, team).role == Role.EDITOR
        event = Event.objects.get(team=team, to_state="role")
        assert event.note == {"person": "vito", "role": "editor", "role_before": "viewer"}

    @pytest.mark.parametrize("role", ["owner", "", "ADMIN"])
    def test_a_role_that_there_is_not_changes_nothing(
        self, team: Team, admin: User, viewer: User, client_of: Callable[[User], Client], role: str
    ) -> None:
        client_of(admin).post(f"/dailies/members/{membership_of(viewer, team).pk}/role/", {"role": role})
        assert membership_of(viewer, team).role == Role.VIEWER

    def test_another_teams_member_cannot_be_reached(
        self, team: Team, admin: User, stranger: User, client_of: Callable[[User], Client]
    ) -> None:
        theirs = Membership.objects.get(user=stranger)
        for what in ("role", "end"):
            answer = client_of(admin).post(f"/dailies/members/{theirs.pk}/{what}/", {"role": "viewer"})
            assert answer.status_code == 404

    def test_the_last_admin_cannot_step_down_leave_or_be_taken_out(
        self, team: Team, admin: User, editor: User, client_of: Callable[[User], Client]
    ) -> None:
        boss, client = membership_of(admin, team), client_of(admin)
        for address, data in (("role", {"role": "viewer"}), ("end", {})):
            page = client.post(f"/dailies/members/{boss.pk}/{address}/", data, follow=True)
            assert "A team needs an admin" in page.content.decode()
        assert membership_of(admin, team).role == Role.ADMIN

    def test_an_admin_whose_account_is_switched_off_does_not_count(self, team: Team, admin: User, editor: User) -> None:
        other = membership_of(editor, team)
        other.change_role(Role.ADMIN, by=membership_of(admin, team))
        User.objects.filter(pk=editor.pk).update(is_active=False)
        with pytest.raises(LastAdmin):
            membership_of(admin, team).end(by=membership_of(admin, team))

    def test_anybody_may_leave(self, team: Team, viewer: User, client_of: Callable[[User], Client]) -> None:
        client = client_of(viewer)
        assert client.post(f"/dailies/members/{membership_of(viewer, team).pk}/end/")["Location"] == "/"
        assert client.get("/dailies/").status_code == 404
        assert told(team) == ["left"]

    def test_what_somebody_made_stays_when_they_are_taken_out(
        self, team: Team, admin: User, editor: User, client_of: Callable[[User], Client]
    ) -> None:
        client_of(admin).post(f"/dailies/members/{membership_of(editor, team).pk}/end/")
        assert User.objects.filter(pk=editor.pk).exists()
        assert not team.memberships.filter(user=editor).exists()
        assert Event.objects.get(team=team, to_state="removed").note == {"person": "edda"}


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    """Real threads with connections of their own, all let go at one moment."""

    def race(self, *jobs: Callable[[], object]) -> list[object]:
        start = threading.Barrier(len(jobs), timeout=180)
        answers: list[object] = [None] * len(jobs)

        def run(place: int, job: Callable[[], object]) -> None:
            start.wait()
            try:
                answers[place] = job()
            except (LastAdmin, NotAdmin) as refusal:
                answers[place] = type(refusal)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    @pytest.mark.parametrize("how", ["demote each other", "take each other out", "both leave"])
    def test_two_admins_who_act_at_once_leave_one(self, team: Team, admin: User, editor: User, how: str) -> None:
        Membership.objects.filter(user=editor).update(role=Role.ADMIN)
        one, other = membership_of(admin, team), membership_of(editor, team)
        jobs = {
            "demote each other": (
                lambda: one.change_role(Role.VIEWER, by=other),
                lambda: other.change_role(Role.VIEWER, by=one),
            ),
            "take each other out": (lambda: one.end(by=other), lambda: other.end(by=one)),
            "both leave": (lambda: one.end(by=one), lambda: other.end(by=other)),
        }[how]
        answers = self.race(*jobs)
        assert team.memberships.filter(role=Role.ADMIN).count() == 1
        assert sum(answer in (LastAdmin, NotAdmin) for answer in answers) == 1

    def test_two_people_who_open_one_link_at_once_are_not_both_let_in(self, team: Team, admin: User) -> None:
        invitation, _token = invite(team, admin, Role.EDITOR, timedelta(days=1))
        people = [User.objects.create_user(name) for name in ("nora", "otto", "pia")]
        copies = [Invitation.objects.select_related("team", "created_by").get(pk=invitation.pk) for _ in people]
        answers = self.race(
            *(lambda one=one, who=who: one.accept(who) for one, who in zip(copies, people, strict=True))
        )
        assert sorted(map(bool, answers)) == [False, False, True]
        assert team.memberships.filter(user__in=people).count() == 1


class TestTeams:
    def test_an_admin_of_a_team_makes_another_which_begins_in_the_sandbox(
        self, team: Team, admin: User, client_of: Callable[[User], Client], settings, sandbox_server
    ) -> None:
        settings.SANDBOX_URL = sandbox_server.base_url
        answer = client_of(admin).post("/teams/new/", {"name": "Second Unit", "slug": "", "api_key": ""})
        assert answer["Location"] == "/second-unit/"
        made = Team.objects.get(slug="second-unit")
        assert membership_of(admin, made).role == Role.ADMIN
        assert made.connection.is_sandbox
        assert made.connection.fingerprint != team.connection.fingerprint
        assert told(made) == ["founded", "connection"]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": "", "slug": ""}, "required"),
            ({"name": "Login"}, "uses itself"),
            ({"name": "Dailies"}, "already exists"),
            ({"name": "日本"}, "No address can be made"),
            ({"name": "Fine", "slug": "Not Fine"}, "Small letters"),
        ],
    )
    def test_a_name_or_address_that_will_not_do_says_why(
        self, team: Team, admin: User, client_of: Callable[[User], Client], settings, sandbox_server, given, words
    ) -> None:
        settings.SANDBOX_URL = sandbox_server.base_url
        page = client_of(admin).post("/teams/new/", {"slug": "", "api_key": "", **given})
        assert words in page.content.decode()
        assert Team.objects.count() == 1

    def test_the_start_is_the_team_that_the_browser_was_in_last(
        self, team: Team, viewer: User, stranger: User, client_of: Callable[[User], Client]
    ) -> None:
        client = client_of(viewer)
        assert client.get("/")["Location"] == "/dailies/"
        second = Team.objects.create(name="Second unit", slug="second")
        own = Membership.objects.create(team=second, user=viewer)
        assert "Your teams" in client_of(viewer).get("/").content.decode()
        client.get("/second/")
        assert client.get("/")["Location"] == "/second/"
        client.get("/others/")
        assert client.get("/")["Location"] == "/second/"
        own.delete()
        assert client.get("/")["Location"] == "/dailies/"

    def test_the_switcher_lists_ones_own_teams_only(
        self, team: Team, viewer: User, stranger: User, client_of: Callable[[User], Client]
    ) -> None:
        menu = client_of(viewer).get("/teams/menu/?here=dailies").content.decode()
        assert 'href="/dailies/" aria-current="true"' in menu
        assert "others" not in menu
        assert "/teams/new/" not in menu
