"""Every form that changes something which is there already: one line for each route that takes a POST. A route that is
not here fails `test_older_pages.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A form that edits. `page` shows it; `fields` gives for each of its fields the values that two people may give it,
    and what is sent besides.
    """

    page: str
    fields: dict[str, tuple[str, str]]
    besides: tuple[tuple[str, str], ...] = ()


MAKES = "makes something new"
DOES = "does something to it, and says nothing of it"
TAKES_AWAY = "takes it away, whatever it has become"
MANY = "says the same of many at once, whatever each of them was"
OWN = "is about nobody else's things"
ACCOUNT = "is about one's own account, and asks who it is first"
ENTRANCE = "lets somebody in or out"
MACHINE = "is sent by a program"
LOOKS = "only looks"

TABLE: dict[str, Edit | str] = {
    # what the team says about its things
    "asset-edit": Edit(
        "/dailies/assets/{asset}/",
        {
            "name": ("Harbour", "Quay"),
            "kind": ("place", "prop"),
            "rating": ("4", "2"),
            "notes": ("Too dark\nby far", "Keep"),
            "rights_note": ("Signed by Ana", "Ask first"),
            "rights_until": ("2031-01-02", "2032-03-04"),
        },
    ),
    "video-notes": Edit("/dailies/videos/{video}/", {"notes": ("Too dark", "Keep")}),
    "video-rate": Edit("/dailies/videos/{video}/", {"rating": ("4", "2")}),
    "video-followed": Edit("/dailies/videos/{video}/", {"followed": ("yes", "partly")}),
    "label-rename": Edit("/dailies/assets/labels/", {"name": ("Dusk", "Dawn")}),
    "preset-rename": Edit("/dailies/generate/presets/", {"name": ("Dusk", "Noon")}),
    # the team itself
    "settings-team": Edit("/dailies/settings/", {"name": ("Night shift", "Second unit")}),
    "settings-asking": Edit("/dailies/settings/", {"confirm_above": ("300", "500")}),
    "settings-film-names": Edit("/dailies/settings/", {"film_names": ("{date}_{take}", "{model}_{take}")}),
    "settings-connection": Edit("/dailies/settings/", {"requests_per_minute": ("300", "200")}),
    "settings-webhooks": "has one mark: two who change it make it the same",
    "budget-change": Edit(
        "/dailies/budgets/", {"{budget}-warn_at": ("300", "200"), "{budget}-stop_at": ("900", "800")}
    ),
    "price-change": Edit("/dailies/budgets/", {"price-{price}-credits": ("40", "1.5")}),
    "member-role": Edit("/dailies/members/", {"role": ("viewer", "admin")}),
    "profile": Edit(
        "/account/profile/",
        {
            "full_name": ("Ada A", "Ada B"),
            "username": ("ada.a", "ada.b"),
            "email": ("a@b.example", "c@d.example"),
        },
    ),
}
TABLE |= {
    "webhook-apiframe": MACHINE,
    **dict.fromkeys(("login", "account_login", "logout", "account_logout", "invitation"), ENTRANCE),
    **dict.fromkeys(
        ("mfa_authenticate", "mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"), ENTRANCE
    ),
    **dict.fromkeys(("account_reset_password", "account_reset_password_from_key", "socialaccount_signup"), ENTRANCE),
    **dict.fromkeys(
        (
            "account-delete",
            "email-of-organisation",
            "account_change_password",
            "account_set_password",
            "socialaccount_connections",
        ),
        ACCOUNT,
    ),
    **dict.fromkeys(("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"), ACCOUNT),
    **dict.fromkeys(
        ("mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
        ACCOUNT,
    ),
    **dict.fromkeys(("mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"), ACCOUNT),
    **dict.fromkeys(
        ("team-new", "invite", "budget-add", "price-add", "approval-price", "view-save", "preset-save", "video-shares"),
        MAKES,
    ),
    **dict.fromkeys(("assets-add", "assets-upload", "asset-cut", "studio-register"), MAKES),
    **dict.fromkeys(("studio", "video-run", "video-final", "video-next", "video-reference"), MAKES),
    **dict.fromkeys(
        ("invitation-revoke", "member-end", "budget-remove", "price-remove", "label-delete", "view-delete"), TAKES_AWAY
    ),
    **dict.fromkeys(
        ("preset-delete", "share-revoke", "usage-dismiss", "member-second-step", "settings-forget-refusal"), TAKES_AWAY
    ),
    **dict.fromkeys(
        ("assets-look", "assets-check", "candidates-register", "candidates-clear", "ask-me", "sessions-end"), OWN
    ),
    **dict.fromkeys(
        ("candidate-type", "candidate-name", "candidate-anyway", "candidate-again", "candidate-part", "candidate-drop"),
        OWN,
    ),
    **dict.fromkeys(("asset-star", "video-star"), OWN),
    **dict.fromkeys(("assets-retry", "asset-again", "asset-retry", "asset-source", "asset-dismiss"), DOES),
    **dict.fromkeys(("balance-refresh", "usage-compare", "difference-take-in", "difference-write-off"), DOES),
    **dict.fromkeys(
        (
            "video-cancel",
            "takes-cancel",
            "video-again",
            "video-fix",
            "video-save",
            "video-outcome",
            "approval-yes",
            "approval-no",
        ),
        DOES,
    ),
    **dict.fromkeys(("assets-do", "videos-do"), MANY),
    **dict.fromkeys(("studio-check", "studio-before", "studio-mentions", "videos-download"), LOOKS),
}
