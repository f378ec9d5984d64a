"""Reading the environment: every value is either right or refused in one line, never guessed."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

MAKE_A_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
DATABASE_EXAMPLE = "postgresql://user:password@host:5432/castboard"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
# A database host that is gone says nothing. Seconds, but the last: milliseconds.
_NOTICE_A_SILENT_HOST = {
    "connect_timeout": 4,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


def refuse(message: str) -> NoReturn:
    """Stop with one line on standard error and exit code 1: a traceback tells an operator nothing."""
    raise SystemExit(f"castboard: {message}")


def text(name: str, default: str = "") -> str:
    """The value without the blanks around it, or the default when there is none."""
    value = os.environ.get(name, "").strip()
    if any("\udc80" <= letter <= "\udcff" for letter in value):  # how Python keeps a byte it cannot read
        refuse(f"{name} holds bytes that are no UTF-8.")
    return value or default


def whole_number(name: str, default: int, *, at_least: int, at_most: int) -> int:
    raw = text(name, str(default))
    if not raw.isdecimal() or len(raw) > 20 or not at_least <= int(raw) <= at_most:
        shown = repr(raw) if len(raw) <= 40 else f"a text of {len(raw)} characters"
        refuse(f"{name} must be a whole number from {at_least} to {at_most}, not {shown}.")
    return int(raw)


def web_address(name: str, default: str = "", *, may_have_path: bool = True) -> str:
    """An http(s) address without a trailing slash, scheme and host in lower case, or "" when unset."""
    raw = text(name, default).rstrip("/")
    if not raw:
        return ""
    try:
        parts = urlsplit(raw)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_good = False
    if not is_good or "@" in parts.netloc or parts.query or parts.fragment or not _is_plain(raw):
        refuse(f"{name} must look like https://castboard.example, without blank, user name, query or fragment.")
    if parts.path and not may_have_path:
        refuse(f"{name} must look like https://castboard.example, without a path: Castboard needs a name of its own.")
    netloc = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")  # as browsers say it
    return f"{parts.scheme}://{netloc}{parts.path}"


def _is_plain(value: str) -> bool:
    """Whether it can stand in a header: printable ASCII without a blank."""
    return value.isascii() and value.isprintable() and " " not in value


def hosts(name: str) -> list[str]:
    """Host names as Django compares them, the loopback ones when unset."""
    named = [host.strip().lower() for host in text(name, ",".join(LOOPBACK_HOSTS)).split(",") if host.strip()]
    if not named or not all(_HOST.fullmatch(host) for host in named):
        refuse(f"{name} must be host names separated by commas, without scheme and port, as in castboard.example.")
    return named


def redis(name: str) -> str:
    """The address of a Redis server, or "" when unset. A wrong one is not shown: it may hold a password."""
    raw = text(name)
    if raw:
        from redis.connection import parse_url  # most run without

        try:
            config = parse_url(raw)  # type: ignore[no-untyped-call]
        except ValueError:
            config = {}
        if not (config.get("host") or config.get("path")):
            refuse(f"{name} is not the address of a Redis server. Try redis://host:6379/0")
    return raw


def hosts_of(address: str) -> list[str]:
    """The host of a web address as ALLOWED_HOSTS names it; none without an address."""
    host = urlsplit(address).hostname
    return [f"[{host}]" if ":" in host else host] if host else []


def mail_domain_of(address: str) -> str:
    """After whose @ our mail is from: the host of a web address; "localhost" where that has no name of its own."""
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        ip_address(host)
        return "localhost"
    return host or "localhost"


def email(name: str) -> dict[str, Any]:
    """Django's e-mail settings from one address such as smtp+tls://user:password@host:587; unset, nothing is sent."""
    raw = text(name, "dummymail://")
    try:
        config = environ.Env.email_url_config(raw)
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        refuse(f"{name} is not a mail server's address. Try smtp+tls://user:password@host:587")
    found = {setting: value for setting, value in config.items() if setting.startswith("EMAIL_")}
    if found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        found["EMAIL_BACKEND"] = "assets_app.mail.smtp.Backend"
    return found


def openid_connect(provider_id: str, shown_as: str, server_url: str) -> list[dict[str, Any]]:
    """The organisation's sign-in as django-allauth wants it described; none without a server."""
    if not server_url:
        return []
    client = {"client_id": text("OIDC_CLIENT_ID"), "secret": text("OIDC_CLIENT_SECRET")}
    if not all(client.values()):
        refuse("OIDC_SERVER_URL needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET beside it.")
    return [{"provider_id": provider_id, "name": shown_as, **client, "settings": {"server_url": server_url}}]


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the web address; so is no address at all."""
    return not address or urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")


def api_key(name: str) -> str:
    """A key that can stand in a request header, or "" when unset. A wrong one is not shown: it may be nearly right."""
    key = text(name)
    if not _is_plain(key):
        refuse(f"{name} holds a character that no API key has: a blank, a line break or a letter beyond ASCII.")
    return key


def writable_directory(name: str, default: Path) -> Path:
    directory = Path(text(name, str(default)))
    try:
        directory = directory.expanduser().resolve()
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody's home, or links that go round in a circle
        why = error.strerror if isinstance(error, OSError) else "it leads nowhere"
        refuse(f"{name} {directory} cannot be written to ({why}). Give a directory this user owns.")
    return directory


def database(name: str, default_file: Path) -> dict[str, Any]:
    """Django's settings for one database: the given URL, else SQLite in a file of ours."""
    raw = text(name)
    if not raw:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    scheme, separator, _ = raw.partition("://")
    shown = f"{scheme}://…" if separator else "…"  # the rest may hold a password
    if scheme not in ("postgresql", "postgres", "sqlite"):
        refuse(f"{name} ({shown}) must name a PostgreSQL or SQLite database, as in {DATABASE_EXAMPLE}.")
    try:
        config = dict(environ.Env.db_url_config(raw))
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        refuse(f"{name} ({shown}) is not a database address. Try {DATABASE_EXAMPLE}.")
    if scheme != "sqlite" and "@" in raw.removeprefix(f"{scheme}://{urlsplit(raw).netloc}"):
        # What was meant as the password was read as something else, which drivers would show in their messages.
        refuse(f"{name} ({shown}) has a password with / ? or # in it: write these as %2F %3F %23.")
    if config.get("NAME") in (None, "", ":memory:"):
        refuse(f"{name} ({shown}) must name a database that lasts, as in {DATABASE_EXAMPLE}.")
    if config["ENGINE"].endswith("postgresql"):
        config["OPTIONS"] = {**_NOTICE_A_SILENT_HOST, **config.get("OPTIONS", {})}
    return config


def secret_key(name: str, data_dir: Path, *, on_loopback_only: bool) -> str:
    """The given key if it is strong; on a machine that only serves itself, one made on first run and kept in
    DATA_DIR.
    """
    given = text(name)
    if given:
        if len(given) < 50 or len(set(given)) < 10 or given.startswith("django-insecure-"):
            refuse(f"{name} is too weak: it needs at least 50 characters. Make one with: {MAKE_A_KEY}")
        return given
    if not on_loopback_only:
        refuse(f"{name} is missing. Anything but a loopback address needs one: {MAKE_A_KEY}")
    kept = data_dir / "secret_key"
    try:
        # Written whole under another name first, then linked: several processes may start at once, and all must read
        # one key.
        draft = data_dir / f".secret_key-{os.getpid()}"
        if not kept.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(64))
            try:
                os.link(draft, kept)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        found = kept.read_text().strip()
    except OSError as error:
        refuse(f"The key in {kept} cannot be read or made ({error.strerror}).")
    if len(found) < 50:
        refuse(
            f"The key in {kept} is damaged. Restore it, or remove it: then everybody signs in again "
            "and API keys must be pasted again."
        )
    return found
