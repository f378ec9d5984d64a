"""Who may open which door: one line for each route. A route that is not here fails `test_access_table.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["in", "to sign in", "refused", "hidden"]


@dataclass(frozen=True)
class Rule:
    """What happens to each kind of visitor: let in, sent to sign in, refused (403), or told there is nothing (404)."""

    anonymous: Outcome
    stranger: Outcome
    viewer: Outcome
    editor: Outcome
    admin: Outcome


EVERYBODY = Rule("in", "in", "in", "in", "in")
SIGNED_IN = Rule("to sign in", "in", "in", "in", "in")
MEMBERS = Rule("to sign in", "hidden", "in", "in", "in")
EDITORS = Rule("to sign in", "hidden", "refused", "in", "in")
ADMINS = Rule("to sign in", "hidden", "refused", "refused", "in")
WHO_RUN_A_TEAM = Rule("to sign in", "in", "refused", "refused", "in")  # the stranger runs another one
OWN_LIST = Rule("to sign in", "hidden", "refused", "in", "hidden")  # what is checked is an editor's own, and edda's
OWN_PICTURE = Rule("to sign in", "hidden", "hidden", "in", "hidden")
NOBODY = Rule("hidden", "hidden", "hidden", "hidden", "hidden")

Entry = dict[str, Rule]

PAGE: Entry = {"GET": MEMBERS}
EDIT: Entry = {"POST": EDITORS}
RUN: Entry = {"POST": ADMINS}
OWN_FORM: Entry = {"GET": SIGNED_IN, "POST": SIGNED_IN}
ENTRANCE: Entry = {"GET": EVERYBODY, "POST": EVERYBODY}

# A method that is not named must be answered with 405.
TABLE: dict[str, Entry] = {
    # machines
    "healthz": {"GET": EVERYBODY},
    "webhook-apiframe": {"POST": EVERYBODY},
    # coming in
    "home": {"GET": SIGNED_IN},
    "login": ENTRANCE,
    "account_login": ENTRANCE,
    "logout": {"POST": EVERYBODY},
    "account_logout": {"POST": EVERYBODY},
    "account_inactive": {"GET": EVERYBODY},
    "mfa_authenticate": ENTRANCE,
    "mfa_login_webauthn": ENTRANCE,
    "account_reset_password": ENTRANCE,
    "account_reset_password_done": {"GET": EVERYBODY},
    "account_reset_password_from_key": ENTRANCE,
    "account_reset_password_from_key_done": {"GET": EVERYBODY},
    "invitation": ENTRANCE,
    # the organisation's sign-in, which is not set up here
    "openid_connect_login": {"GET": NOBODY, "POST": NOBODY},
    "openid_connect_callback": {"GET": NOBODY, "POST": NOBODY},
    "socialaccount_signup": ENTRANCE,
    "socialaccount_login_cancelled": {"GET": EVERYBODY},
    "socialaccount_login_error": {"GET": EVERYBODY},
    "socialaccount_connections": OWN_FORM,
    # one's own account
    "account": {"GET": SIGNED_IN},
    "mfa_index": {"GET": SIGNED_IN},
    "mfa_list_webauthn": {"GET": SIGNED_IN},
    "sessions-end": {"POST": SIGNED_IN},
    "confirm-by-organisation": {"GET": SIGNED_IN},
    "profile": OWN_FORM,
    "account-delete": OWN_FORM,
    "email-of-organisation": {"POST": SIGNED_IN},
    "account_change_password": OWN_FORM,
    "account_set_password": OWN_FORM,
    "account_reauthenticate": OWN_FORM,
    "mfa_reauthenticate": OWN_FORM,
    "mfa_reauthenticate_webauthn": OWN_FORM,
    "mfa_activate_totp": OWN_FORM,
    "mfa_deactivate_totp": OWN_FORM,
    "mfa_view_recovery_codes": {"GET": SIGNED_IN},
    "mfa_generate_recovery_codes": OWN_FORM,
    "mfa_download_recovery_codes": OWN_FORM,
    "mfa_add_webauthn": OWN_FORM,
    "mfa_edit_webauthn": OWN_FORM,
    "mfa_remove_webauthn": OWN_FORM,
    # teams
    "teams": {"GET": SIGNED_IN},
    "teams-menu": {"GET": SIGNED_IN},
    "team-new": {"GET": WHO_RUN_A_TEAM, "POST": WHO_RUN_A_TEAM},
    "members": PAGE,
    "invite": RUN,
    "invitation-revoke": RUN,
    "member-role": RUN,
    "member-end": RUN,
    "member-second-step": {"GET": ADMINS, "POST": ADMINS},
    "settings": {"GET": ADMINS},
    "settings-team": RUN,
    "settings-connection": RUN,
    "settings-film-names": RUN,
    "settings-film-name": {"GET": ADMINS},
    "settings-webhooks": RUN,
    "settings-forget-refusal": RUN,
    "settings-asking": RUN,
    "budgets": PAGE,
    "budget-add": RUN,
    "budget-change": RUN,
    "budget-remove": RUN,
    "price-add": RUN,
    "price-change": RUN,
    "price-remove": RUN,
    "approval-yes": RUN,
    "approval-price": RUN,
    "approval-no": RUN,
    "ask-me": {"POST": MEMBERS},
    "balance-refresh": EDIT,
    "activity": PAGE,
    "keys": PAGE,
    "activity-export": PAGE,
    # the board
    "board": PAGE,
    "live": PAGE,
    "assets-check": EDIT,
    "assets-add": EDIT,
    "assets-upload": EDIT,
    "assets-look": EDIT,
    "candidates-register": EDIT,
    "candidates-clear": EDIT,
    "candidate-type": {"POST": OWN_LIST},
    "candidate-name": {"POST": OWN_LIST},
    "candidate-anyway": {"POST": OWN_LIST},
    "candidate-again": {"POST": OWN_LIST},
    "candidate-part": {"POST": OWN_LIST},
    "candidate-drop": {"POST": OWN_LIST},
    "candidate-poster": {"GET": OWN_PICTURE},
    "assets-retry": EDIT,
    "asset-again": EDIT,
    "asset-source": EDIT,
    "asset-dismiss": EDIT,
    # the library
    "tray": PAGE,
    "assets": PAGE,
    "assets-counts": PAGE,
    "assets-lines": PAGE,
    "assets-keys": PAGE,
    "assets-do": EDIT,
    "trash": PAGE,
    "asset": PAGE,
    "asset-large": PAGE,
    "asset-edit": EDIT,
    "asset-star": {"POST": MEMBERS},
    "asset-retry": EDIT,
    "asset-cut": {"GET": EDITORS, "POST": EDITORS},
    "asset-file": PAGE,
    "asset-sent": PAGE,
    "asset-poster": PAGE,
    "asset-clip": PAGE,
    "labels": PAGE,
    "label-rename": EDIT,
    "label-delete": EDIT,
    "views": PAGE,
    "view-save": EDIT,
    "view-delete": EDIT,
    # money
    "usage": PAGE,
    "usage-export": PAGE,
    "usage-compare": RUN,
    "usage-dismiss": RUN,
    "differences-export": {"GET": ADMINS},
    "difference-take-in": RUN,
    "difference-write-off": RUN,
    # films
    "studio": {"GET": MEMBERS, "POST": EDITORS},
    "studio-check": {"POST": MEMBERS},
    "studio-before": {"GET": MEMBERS, "POST": MEMBERS},
    "help": PAGE,
    "studio-mentions": {"POST": MEMBERS},
    "studio-register": EDIT,
    "prompts": PAGE,
    "presets": PAGE,
    "preset-save": EDIT,
    "preset-rename": EDIT,
    "preset-delete": EDIT,
    "videos": PAGE,
    "videos-do": EDIT,
    "videos-download": {"POST": MEMBERS},
    "videos-trash": PAGE,
    "videos-keys": PAGE,
    "video-large": PAGE,
    "video": PAGE,
    "video-star": {"POST": MEMBERS},
    "video-rate": EDIT,
    "video-followed": EDIT,
    "video-notes": EDIT,
    "videos-compare": PAGE,
    "videos-followed": PAGE,
    "video-shares": EDIT,
    "share-revoke": EDIT,
    "share": {"GET": EVERYBODY},
    "share-file": {"GET": EVERYBODY},
    "share-poster": {"GET": EVERYBODY},
    "share-download": {"GET": EVERYBODY},
    "video-cancel": EDIT,
    "video-outcome": EDIT,
    "video-again": EDIT,
    "video-fix": EDIT,
    "video-save": EDIT,
    "video-run": EDIT,
    "video-final": EDIT,
    "video-next": EDIT,
    "video-reference": {"GET": EDITORS, "POST": EDITORS},
    "takes-cancel": EDIT,
    "video-file": PAGE,
    "video-poster": PAGE,
    "video-clip": PAGE,
    "video-download": PAGE,
}
