"""Wrong settings are refused in one line, with exit code 1 and no traceback, whatever command meets them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from apiframe_site import environment as env

ROOT = Path(__file__).resolve().parent.parent
STRONG = "a-strong-key-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` as an operator runs it: the real settings, and no variable but those given."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**inherited, **variables}, capture_output=True, text=True, timeout=180, check=False
    )


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        pytest.param(
            {"SECRET_KEY": "secret"}, "SECRET_KEY is too weak: it needs at least 50 characters.", id="weak key"
        ),
        pytest.param({"ALLOWED_HOSTS": "castboard.example"}, "SECRET_KEY is missing.", id="public without a key"),
        pytest.param({"DATABASE_URL": "mysql://root:hunter2@db/x"}, "must name a PostgreSQL or SQLite", id="mysql"),
        pytest.param({"DATA_DIR": "{file}/below"}, "cannot be written to (Not a directory)", id="data in a file"),
        pytest.param({"DATA_DIR": "~nosuchuser/x"}, "cannot be written to (it leads nowhere)", id="nobody's home"),
        pytest.param({"DATA_DIR": "{circle}"}, "cannot be written to (it leads nowhere)", id="links in a circle"),
        pytest.param({"PORT": "9" * 5000}, "PORT must be a whole number from 1 to 65534, not a text", id="huge port"),
        pytest.param({"SECRET_KEY": STRONG + "\udcff"}, "SECRET_KEY holds bytes that are no UTF-8.", id="no UTF-8"),
        pytest.param({"REDIS_URL": "hunter2"}, "REDIS_URL is not the address of a Redis server.", id="no Redis"),
        pytest.param({"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS must be host names", id="no hosts"),
        pytest.param({"PUBLIC_URL": "https://a.example/b"}, "without a path", id="public path"),
        pytest.param(
            {"ALLOWED_HOSTS": "*", "EMAIL_URL": "smtp://a.example", "SECRET_KEY": STRONG},
            "EMAIL_URL needs PUBLIC_URL where ALLOWED_HOSTS is *",
            id="mail with links to anywhere",
        ),
        pytest.param(
            {"DATABASE_URL": "postgresql://user:12/34hunter2@host/db"},
            "DATABASE_URL (postgresql://…) has a password with / ? or # in it",
            id="slash in a password",
        ),
    ],
)
def test_a_command_with_a_wrong_setting_says_one_line_and_fails(
    tmp_path: Path, variables: dict[str, str], line: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    filled = {
        name: value.format(file=tmp_path / "file", circle=tmp_path / "circle") for name, value in variables.items()
    }
    result = manage("check", **{"DATA_DIR": str(tmp_path), **filled})
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("castboard: ")
    assert result.stderr.count("\n") == 1
    assert line in result.stderr
    assert "hunter2" not in result.stderr


def refusal(monkeypatch: pytest.MonkeyPatch, value: str, read: object) -> str:
    monkeypatch.setenv("X", value)
    with pytest.raises(SystemExit) as stopped:
        read("X")
    return str(stopped.value)


@pytest.mark.parametrize(
    "value",
    [
        "a.example",
        "ftp://a.example",
        "https://",
        "https://a:b",
        "http://[::1",
        "https://a?b=c",
        "https://me:pw@a",
        "https://@a",
        "https://a b.example",
        "https://ä.example",
    ],
)
def test_a_public_url_that_is_no_web_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    said = refusal(monkeypatch, value, env.web_address)
    assert "must look like https://castboard.example" in said
    assert "pw" not in said


def test_a_web_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " https://castboard.example:8443/ ")
    assert env.web_address("X") == "https://castboard.example:8443"


@pytest.mark.parametrize(
    ("value", "is_read_as"),
    [
        ("https://castboard.example:443/x", "https://castboard.example/x"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://castboard.example:443", "http://castboard.example:443"),
    ],
)
def test_the_usual_port_of_a_web_address_is_left_out(
    monkeypatch: pytest.MonkeyPatch, value: str, is_read_as: str
) -> None:
    monkeypatch.setenv("X", value)
    assert env.web_address("X") == is_read_as


def test_scheme_and_host_of_a_web_address_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "HTTPS://Castboard.Example/Realms")
    assert env.web_address("X") == "https://castboard.example/Realms"


@pytest.mark.parametrize("value", [",", "https://a.example", "a.example:8000", "a b", "a..b", "*.a.example"])
def test_hosts_that_no_request_can_name_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert "must be host names separated by commas" in refusal(monkeypatch, value, env.hosts)


def test_hosts_are_read_as_django_compares_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " Castboard.Example, .b.example,*, [::1],10.0.0.1 ,")
    assert env.hosts("X") == ["castboard.example", ".b.example", "*", "[::1]", "10.0.0.1"]


@pytest.mark.parametrize("value", ["garbage", "redis://", "redis://:hunter2@h:x/0", "http://h"])
def test_a_redis_address_that_leads_nowhere_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    said = refusal(monkeypatch, value, env.redis)
    assert "Try redis://host:6379/0" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("value", ["redis://h", "rediss://:pw@h:6380/1", "unix:///run/redis.sock"])
def test_a_redis_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    assert env.redis("X") == value


@pytest.mark.parametrize("password", ["12/34hunter2", "12?hunter2", "12#hunter2", "12/a?hunter2"])
def test_a_password_that_would_be_read_as_something_else_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    said = refusal(monkeypatch, f"postgresql://user:{password}@host/db", lambda name: env.database(name, Path("x")))
    assert "write these as %2F %3F %23" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("value", ["garbage", "://", "mysql://h/db", "me:hunter2@host/db"])
def test_a_database_of_another_kind_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    said = refusal(monkeypatch, value, lambda name: env.database(name, Path("x")))
    assert "must name a PostgreSQL or SQLite database" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("value", ["postgresql://u@h:port/db", "postgresql://", "sqlite://", "sqlite://:memory:"])
def test_a_database_address_that_leads_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert "DATABASE_URL" not in refusal(monkeypatch, value, lambda name: env.database(name, Path("x")))


def test_a_database_host_that_is_gone_is_given_up_after_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgresql://u:p@h:5432/db")
    assert env.database("X", Path("x"))["OPTIONS"]["connect_timeout"] == 4


@pytest.mark.parametrize("value", ["0", "65535", "-1", "8000.0", "eight"])
def test_a_port_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    read = lambda name: env.whole_number(name, 8000, at_least=1, at_most=65534)  # noqa: E731
    assert "must be a whole number from 1 to 65534" in refusal(monkeypatch, value, read)


@pytest.mark.parametrize("value", ["afk_a b", "afk_ä", "afk_a\nX-Other: 1"])
def test_an_api_key_that_cannot_stand_in_a_header_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    said = refusal(monkeypatch, value, env.api_key)
    assert "X holds a character that no API key has" in said
    assert "afk" not in said


def test_on_loopback_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = env.secret_key("NO_SUCH_VARIABLE", tmp_path, on_loopback_only=True)
    assert len(made) >= 50
    assert env.secret_key("NO_SUCH_VARIABLE", tmp_path, on_loopback_only=True) == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(SystemExit, match="is damaged"):
        env.secret_key("NO_SUCH_VARIABLE", tmp_path, on_loopback_only=True)


@pytest.mark.parametrize("weak", ["short", "a" * 80, "django-insecure-" + STRONG])
def test_a_weak_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, weak: str) -> None:
    read = lambda name: env.secret_key(name, tmp_path, on_loopback_only=True)  # noqa: E731
    assert "is too weak" in refusal(monkeypatch, weak, read)


def test_a_strong_key_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", STRONG)
    assert env.secret_key("X", tmp_path, on_loopback_only=False) == STRONG


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_an_address_that_only_this_machine_reaches_is_loopback(address: str) -> None:
    assert env.is_loopback(address)


@pytest.mark.parametrize("address", ["https://castboard.example", "http://127.0.0.1.example", "http://10.0.0.1"])
def test_an_address_that_others_reach_is_not_loopback(address: str) -> None:
    assert not env.is_loopback(address)


def test_the_sandbox_does_not_run_where_others_reach_castboard(tmp_path: Path) -> None:
    result = manage("sandbox", DATA_DIR=str(tmp_path), ALLOWED_HOSTS="castboard.example", SECRET_KEY=STRONG)
    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: The sandbox fetches any address")
    assert result.stderr.count("\n") == 1


def test_with_a_public_name_a_watchdog_on_the_machine_may_still_ask(tmp_path: Path) -> None:
    asked = "*s.ALLOWED_HOSTS, s.ON_LOOPBACK_ONLY, s.BEHIND_HTTPS, s.SECURE_SSL_HOST"
    code = f"from django.conf import settings as s; print({asked})"
    public = {"ALLOWED_HOSTS": "castboard.example", "PUBLIC_URL": "HTTPS://castboard.example", "SECRET_KEY": STRONG}
    result = manage("shell", "--no-imports", "-c", code, DATA_DIR=str(tmp_path), **public)
    assert result.stdout == "castboard.example localhost 127.0.0.1 [::1] False True castboard.example\n", result.stderr


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://castboard.example:8443", "castboard.example"),
        ("", "localhost"),
        ("http://192.0.2.7:8000", "localhost"),
        ("http://[2001:db8::7]", "localhost"),
    ],
)
def test_mail_is_from_the_host_that_people_know(address: str, domain: str) -> None:
    assert env.mail_domain_of(address) == domain


def test_a_redis_server_that_does_not_answer_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"redis://:hunter2@127.0.0.1:{closed.getsockname()[1]}/0"
        result = manage("up", DATA_DIR=str(tmp_path), REDIS_URL=address)
    assert result.returncode == 1
    assert result.stderr.startswith("castboard: the Redis server that REDIS_URL names cannot be used: ")
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr
