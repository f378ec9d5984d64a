"""Reading the environment: every value is either right or refused in one line, never guessed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

MAKE_A_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
DATABASE_EXAMPLE = "postgresql://user:password@host:5432/castboard"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def refuse(message: str) -> NoReturn:
    """Stop with one line on standard error and exit code 1: a traceback tells an operator nothing."""
    raise SystemExit(f"castboard: {message}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def whole_number(name: str, default: int, *, at_least: int, at_most: int) -> int:
    raw = text(name, str(default))
    if not raw.isdecimal() or not at_least <= int(raw) <= at_most:
        refuse(f"{name} must be a whole number from {at_least} to {at_most}, not {raw!r}.")
    return int(raw)


def web_address(name: str, default: str = "") -> str:
    """An http(s) origin without a trailing slash, or "" when unset."""
    raw = text(name, default).rstrip("/")
    if not raw:
        return ""
    try:
        parts = urlsplit(raw)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_good = False
    if not is_good or parts.username or parts.query or parts.fragment:
        refuse(f"{name} must look like https://castboard.example, without user name, query or fragment.")
    return raw


def origin(address: str) -> str:
    """Scheme, host and port of a web address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def email(name: str) -> dict[str, Any]:
    """Django's e-mail settings from one address such as smtp+tls://user:password@host:587; unset, messages are printed
    where the web process prints.
    """
    raw = text(name, "consolemail://")
    try:
        config = environ.Env.email_url_config(raw)
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        refuse(f"{name} is not a mail server's address. Try smtp+tls://user:password@host:587")
    return {setting: value for setting, value in config.items() if setting.startswith("EMAIL_")}


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
    if not key.isascii() or not key.isprintable() or " " in key:
        refuse(f"{name} holds a character that no API key has: a blank, a line break or a letter beyond ASCII.")
    return key


def writable_directory(name: str, default: Path) -> Path:
    directory = Path(text(name, str(default))).expanduser().resolve()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        refuse(f"{name} {directory} cannot be written to ({error.strerror}). Give a directory this user owns.")
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
    if config.get("NAME") in (None, "", ":memory:"):
        refuse(f"{name} ({shown}) must name a database that lasts, as in {DATABASE_EXAMPLE}.")
    if config["ENGINE"].endswith("postgresql"):
        config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)  # seconds; a host that is gone says nothing
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
            draft.write_text(secrets.token_urlsafe(64))
            draft.chmod(0o600)
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
