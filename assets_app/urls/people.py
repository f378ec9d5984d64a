"""The routes of people: coming in, one's account, teams and their members."""

from __future__ import annotations

from allauth.account import views as allauth_account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as organisation
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path, re_path

from assets_app.views import account, activity, film_names, members, openid, second_step, session, settings_page
from assets_app.views.proof import confirm_by_organisation, proven

# allauth looks its own pages up by its own names, the rest of Castboard by ours.
coming_in = [
    path("", session.home, name="home"),
    path("login/", session.SignIn.as_view(), name="account_login"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("login/second-step/", session.SecondStep.as_view(), name="mfa_authenticate"),
    path("login/passkey/", login_not_required(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("login/inactive/", allauth_account.account_inactive, name="account_inactive"),
    path("logout/", session.SignOut.as_view(), name="account_logout"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("password/reset/", session.ForgottenPassword.as_view(), name="account_reset_password"),
    path("password/reset/sent/", allauth_account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/done/",
        allauth_account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        session.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path("invite/<str:token>/", members.invitation, name="invitation"),
]

# Without OIDC_SERVER_URL there is no such provider, and what leads to one is not found.
by_organisation = [
    path("login/oidc/signup/", organisation.signup, name="socialaccount_signup"),
    path("login/oidc/cancelled/", organisation.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/oidc/error/", login_not_required(organisation.login_error), name="socialaccount_login_error"),
    path("account/organisation/", proven(organisation.connections), name="socialaccount_connections"),
    path("login/<slug:provider_id>/", openid.login, name="openid_connect_login"),
    path("login/<slug:provider_id>/callback/", openid.callback, name="openid_connect_callback"),
]

own_account = [
    path("account/", account.account, name="mfa_index"),
    path("account/", account.account, name="mfa_list_webauthn"),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.end_other_sessions, name="sessions-end"),
    path("account/organisation/email/", proven(account.take_email), name="email-of-organisation"),
    path("account/delete/", account.delete, name="account-delete"),
    path("account/profile/", proven(account.profile), name="profile"),
    path("account/password/", allauth_account.password_change, name="account_change_password"),
    path("account/password/set/", proven(allauth_account.password_set), name="account_set_password"),
    path("account/confirm/organisation/", confirm_by_organisation, name="confirm-by-organisation"),
    path("account/confirm/", allauth_account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/authenticator/", proven(totp.activate_totp), name="mfa_activate_totp"),
    path("account/authenticator/remove/", proven(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", proven(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        proven(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/file/",
        proven(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/passkeys/add/", proven(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", proven(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", proven(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
]

teams = [
    path("teams/", session.teams, name="teams"),
    path("teams/menu/", session.teams_menu, name="teams-menu"),
    path("teams/new/", session.new_team, name="team-new"),
    path("<slug:team>/members/", members.members, name="members"),
    path("<slug:team>/members/invite/", members.invite_somebody, name="invite"),
    path("<slug:team>/members/invitations/<uuid:pk>/revoke/", members.revoke, name="invitation-revoke"),
    path("<slug:team>/members/<int:pk>/role/", members.change_role, name="member-role"),
    path("<slug:team>/members/<int:pk>/end/", members.end, name="member-end"),
    path("<slug:team>/members/<int:pk>/second-step/", second_step.remove, name="member-second-step"),
    path("<slug:team>/settings/", settings_page.settings_page, name="settings"),
    path("<slug:team>/settings/team/", settings_page.save_team, name="settings-team"),
    path("<slug:team>/settings/connection/", settings_page.save_connection, name="settings-connection"),
    path("<slug:team>/settings/asking/", settings_page.save_asking, name="settings-asking"),
    path("<slug:team>/settings/film-names/", settings_page.save_film_names, name="settings-film-names"),
    path("<slug:team>/settings/film-names/example/", film_names.example, name="settings-film-name"),
    path(
        "<slug:team>/settings/refusals/<int:pk>/forget/", settings_page.forget_refusal, name="settings-forget-refusal"
    ),
    path("<slug:team>/settings/webhooks/", settings_page.save_webhooks, name="settings-webhooks"),
    path("<slug:team>/activity/", activity.activity, name="activity"),
    path("<slug:team>/activity/export/", activity.export, name="activity-export"),
]

urlpatterns: list[URLPattern] = [*coming_in, *by_organisation, *own_account, *teams]
