"""What was done with a team itself, in plain words."""

from __future__ import annotations

from typing import Any

from assets_app.models import Event, Membership, SpendingLimit
from assets_app.sign_in_log import KINDS

STORY = {
    "founded": "Made the team",
    "invited": "Made an invitation{for_whom}, as {role}",
    "uninvited": "Took back the invitation{for_whom}",
    "joined": "Joined as {role}{by_whom}",
    "role": "Made {person} {role}; was {role_before}{and_gone}",
    "left": "Left the team{and_gone}",
    "removed": "Took {person} out of the team{and_gone}",
    "connection": "Set the connection: key {key}…, {address}, {requests_per_minute} requests a minute",
    "settings": "Changed the settings: {changes}",
    "renamed": "Renamed the {thing} “{before}” to “{name}”",
    "budget": "Set the budget of {owner}: {ends}, in credits {stretch}",
    "budget-gone": "Took away the budget of {owner}: {ends}, in credits {stretch}",
    "price": "Set a price by hand: {model}{of_kind} counts as {amount} until it is billed",
    "price-gone": "Took away the price by hand of {model}{of_kind}: {amount}",
    "difference": "Compared the provider’s list of jobs with ours and found {difference}",
    "put-aside": "Dismissed {number} of the differences between the provider’s list of jobs and ours{because}",
    "account": "{account}",
    "given-up": "Gave up a film that nobody can ask about any more; it counts {credits} credits",
}
ACCOUNT = {
    "password": "Changed their password",
    "reset": "Set a new password by mail",
    "email": "Changed their e-mail",
    "name": "Signs in as {person} from now on, and no more as {before}",
    "added": "Added {kind} to sign in with",
    "removed": "Removed {kind}, which they signed in with",
    "renewed": "Made new recovery codes",
    "connected": "Connected their account of the organisation",
    "disconnected": "Disconnected their account of the organisation",
    "locked": "Refuses passwords for {person} for some minutes: too many were wrong",
    "second-step-off": "Removed the second step and the passkeys of {person}",
}
GONE = {
    "links": "links to films that ended with that",
    "films": "films not yet sent, cancelled with that",
}
DIFFERENCES = {
    "unknown": "a film that was not made here",
    "unsaved": "a film that we had not saved",
    "charge": "another charge than ours",
    "state": "another outcome than ours",
    "unlisted": "films of ours that it does not list",
}
SETTINGS = {
    "name": "the team is called “{}”",
    "keep_originals": "originals are kept: {}",
    "webhooks": "webhooks are asked for: {}",
    "confirm_above": "Generate asks above: {}",
    "film_names": "downloaded films are called {}",
    "tried_again": "may be tried again: {}",
}


def words_of(event: Event) -> str:
    """What the event says about its team; the bare word for one that an older version wrote."""
    told = STORY.get(event.to_state, event.to_state)
    try:
        return told.format_map(_spoken(event.note))
    except KeyError:
        return event.to_state


def _spoken(facts: dict[str, Any]) -> dict[str, Any]:
    roles = {name: _role(facts[name]) for name in ("role", "role_before") if name in facts}
    return (
        facts
        | roles
        | {
            "for_whom": f" for {facts['whom']}" if facts.get("whom") else "",
            "and_gone": "".join(f"; {words}: {facts[name]}" for name, words in GONE.items() if facts.get(name)),
            "difference": _difference(facts),
            "because": f": {facts['why']}" if facts.get("why") else "",
            "account": _account(facts) if facts.get("change") in ACCOUNT else "",
            "by_whom": f", invited by {facts['invited_by']}" if facts.get("invited_by") else "",
            "of_kind": f" ({facts['kind']})" if facts.get("kind") else "",
            "owner": facts.get("whose") or "the whole team",
            "ends": _ends(facts.get("warn_at"), facts.get("stop_at")),
            "stretch": dict(SpendingLimit.Period.choices).get(facts.get("period", ""), ""),
            "changes": ", ".join(SETTINGS[name].format(_yes_or_no(facts[name])) for name in SETTINGS if name in facts),
        }
    )


def _account(facts: dict[str, Any]) -> str:
    kind = KINDS.get(facts.get("kind", ""), "")
    return ACCOUNT[facts["change"]].format(person=facts.get("person", ""), before=facts.get("before", ""), kind=kind)


def _difference(facts: dict[str, Any]) -> str:
    told = DIFFERENCES.get(str(facts.get("kind")), "something")
    return f"{facts['number']} {told}" if facts.get("number") else told


def _role(value: str) -> str:
    return str(Membership.Role(value).label).lower()


def _ends(warn_at: int | None, stop_at: int | None) -> str:
    said = (("warns above {:,}", warn_at), ("stops at {:,}", stop_at))
    return " and ".join(words.format(end) for words, end in said if end is not None)


def _yes_or_no(value: object) -> object:
    """ "never" for what was left empty."""
    if value is None:
        return "never"
    return ("yes" if value else "no") if isinstance(value, bool) else value
