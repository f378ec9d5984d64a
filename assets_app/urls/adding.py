"""Routes of adding assets and of watching them become Active."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import asset_files, board, candidates, uploads, watching

urlpatterns: list[URLPattern] = [
    path("<slug:team>/", board.board, name="board"),
    path("<slug:team>/assets/check/", board.check, name="assets-check"),
    path("<slug:team>/assets/add/", board.add, name="assets-add"),
    path("<slug:team>/assets/look/", board.look_first, name="assets-look"),
    path("<slug:team>/candidates/register/", candidates.register, name="candidates-register"),
    path("<slug:team>/candidates/clear/", candidates.clear, name="candidates-clear"),
    path("<slug:team>/candidates/<uuid:pk>/type/", candidates.set_type, name="candidate-type"),
    path("<slug:team>/candidates/<uuid:pk>/name/", candidates.set_name, name="candidate-name"),
    path("<slug:team>/candidates/<uuid:pk>/anyway/", candidates.anyway, name="candidate-anyway"),
    path("<slug:team>/candidates/<uuid:pk>/again/", candidates.look_again, name="candidate-again"),
    path("<slug:team>/candidates/<uuid:pk>/part/", candidates.choose_part, name="candidate-part"),
    path("<slug:team>/candidates/<uuid:pk>/drop/", candidates.drop, name="candidate-drop"),
    path("<slug:team>/candidates/<uuid:pk>/poster/", asset_files.candidate_poster, name="candidate-poster"),
    path("<slug:team>/assets/upload/", uploads.upload, name="assets-upload"),
    path("<slug:team>/assets/<uuid:pk>/clip/", asset_files.asset_clip, name="asset-clip"),
    path("<slug:team>/assets/retry/", watching.retry_all, name="assets-retry"),
    path("<slug:team>/assets/<uuid:pk>/again/", watching.register_again, name="asset-again"),
    path("<slug:team>/assets/<uuid:pk>/source/", watching.replace_source, name="asset-source"),
    path("<slug:team>/assets/<uuid:pk>/dismiss/", watching.dismiss, name="asset-dismiss"),
]
