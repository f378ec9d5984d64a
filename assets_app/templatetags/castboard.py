"""What templates need and Django does not have: icons, and times that tick in the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets_app.apiframe.reasons import Reason, explain

register = template.Library()


@register.simple_tag
@cache  # two hundred on a page, of a few dozen kinds
def icon(name: str, extra: str = "") -> SafeString:
    """A drawing from `static/img/icons.svg`, in the colour of the text around it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', extra, static("img/icons.svg"), name
    )


@register.simple_tag
def elapsed(since: datetime) -> SafeString:
    """The time something has been going on; `clock.js` lets it tick."""
    return _time(since, "data-elapsed", short_duration(timezone.now() - since))


@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """How long ago something happened, with the exact time as its title."""
    return _time(moment, "data-ago", time_ago(timezone.now() - moment))


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """The time of day, which `clock.js` puts into the reader's own time zone."""
    return _time(moment, "data-clock", timezone.localtime(moment).strftime("%H:%M %Z"))


def _time(moment: datetime, attribute: str, words: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}" {}>{}</time>',
        moment.isoformat(timespec="milliseconds"),
        timezone.localtime(moment).strftime("%-d %b %Y, %H:%M:%S %Z"),
        attribute,
        words,
    )


def short_duration(duration: timedelta) -> str:
    """ "48 s", "2 m 05 s", "1 h 04 m": the same words as `clock.js`."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} m"


def time_ago(duration: timedelta) -> str:
    """ "just now", "5 min ago", "3 h ago", "2 days ago": the same words as `clock.js`."""
    minutes = max(0, int(duration.total_seconds())) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    days = minutes // (24 * 60)
    return "yesterday" if days == 1 else f"{days} days ago"


@register.filter
def media_time(seconds: float | None) -> str:
    """Length of a film or sound as editors write it: "0:05.2", "1:02"; "" when unknown."""
    if seconds is None:
        return ""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02}" + (f".{rest % 10}" if rest % 10 else "")


@register.filter
def megabytes(byte_size: int | None) -> str:
    """ "25 MB", "3.4 MB", "38 kB", in the binary units that the provider's limits are given in; "" when unknown."""
    if byte_size is None:
        return ""
    if byte_size < 2**20 / 10:
        return f"{-(-byte_size // 1024)} kB"
    return f"{byte_size / 2**20:.1f}".removesuffix(".0") + " MB"


@register.filter
def gigabytes(byte_size: int | None) -> str:
    """ "1.4 GB", and what is less as `megabytes` has it."""
    if byte_size is None or byte_size < 2**30:
        return megabytes(byte_size)
    return f"{byte_size / 2**30:,.1f}".removesuffix(".0") + " GB"


@register.filter
def duration(seconds: float | None) -> str:
    """How long something takes: "48 s", "2 m 05 s"; "" when unknown."""
    return "" if seconds is None else short_duration(timedelta(seconds=max(1, round(seconds))))


@register.filter
def grouped(number: float | None) -> str:
    """12345 → "12,345"; "" when unknown."""
    return "" if number is None else f"{number:,}"


@register.filter
def host(url: str) -> str:
    """The host of an address, as people say it."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.")


@register.filter
def person(user: object) -> str:
    """A person's name; what is left when the account is gone."""
    if user is None:
        return "someone"
    full_name: str = user.get_full_name()  # type: ignore[attr-defined]
    return full_name or user.get_username()  # type: ignore[attr-defined]


@register.filter
def explained(raw: str) -> Reason:
    """The provider's words in plain ones."""
    return explain(raw)
