"""Routes of the library and of single assets."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import asset_files, assets, collections, cut, library, library_bar, trash

one_asset = [
    path("<slug:team>/tray/", assets.tray, name="tray"),
    path("<slug:team>/assets/<uuid:pk>/", assets.asset_page, name="asset"),
    path("<slug:team>/assets/<uuid:pk>/edit/", assets.edit, name="asset-edit"),
    path("<slug:team>/assets/<uuid:pk>/star/", assets.star, name="asset-star"),
    path("<slug:team>/assets/<uuid:pk>/retry/", assets.retry, name="asset-retry"),
    path("<slug:team>/assets/<uuid:pk>/cut/", cut.cut_asset, name="asset-cut"),
    path("<slug:team>/assets/<uuid:pk>/large/", assets.large, name="asset-large"),
    path("<slug:team>/assets/<uuid:pk>/file/", asset_files.asset_file, name="asset-file"),
    path("<slug:team>/assets/<uuid:pk>/sent/", asset_files.asset_sent, name="asset-sent"),
    path("<slug:team>/assets/<uuid:pk>/poster/", asset_files.asset_poster, name="asset-poster"),
]

many_assets = [
    path("<slug:team>/assets/", library.library, name="assets"),
    path("<slug:team>/assets/counts/", library.counts, name="assets-counts"),
    path("<slug:team>/assets/lines/", library_bar.lines, name="assets-lines"),
    path("<slug:team>/assets/keys/", library_bar.keys, name="assets-keys"),
    path("<slug:team>/assets/do/<slug:action>/", library_bar.do, name="assets-do"),
    path("<slug:team>/assets/trash/", trash.trash, name="trash"),
]

their_order = [
    path("<slug:team>/assets/labels/", collections.labels, name="labels"),
    path("<slug:team>/assets/labels/<slug:what>/<int:pk>/rename/", collections.rename, name="label-rename"),
    path("<slug:team>/assets/labels/<slug:what>/<int:pk>/delete/", collections.delete, name="label-delete"),
    path("<slug:team>/assets/views/", collections.views, name="views"),
    path("<slug:team>/assets/views/save/", collections.save_view, name="view-save"),
    path("<slug:team>/assets/views/<int:pk>/delete/", collections.delete_view, name="view-delete"),
]

urlpatterns: list[URLPattern] = [*one_asset, *many_assets, *their_order]
