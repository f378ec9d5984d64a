"""Routes of what the team spends, and of what it may."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import approvals, budgets, differences, hand_prices, usage

urlpatterns: list[URLPattern] = [
    path("<slug:team>/usage/", usage.usage, name="usage"),
    path("<slug:team>/usage/export/", usage.export, name="usage-export"),
    path("<slug:team>/usage/compare/", differences.compare, name="usage-compare"),
    path("<slug:team>/usage/differences/export/", differences.export, name="differences-export"),
    path("<slug:team>/usage/differences/dismiss/", differences.dismiss, name="usage-dismiss"),
    path("<slug:team>/usage/differences/<int:pk>/take-in/", differences.take_in, name="difference-take-in"),
    path("<slug:team>/usage/differences/<int:pk>/write-off/", differences.write_off, name="difference-write-off"),
    path("<slug:team>/budgets/", budgets.budgets, name="budgets"),
    path("<slug:team>/budgets/add/", budgets.add, name="budget-add"),
    path("<slug:team>/budgets/<int:pk>/", budgets.change, name="budget-change"),
    path("<slug:team>/budgets/<int:pk>/remove/", budgets.remove, name="budget-remove"),
    path("<slug:team>/budgets/asking/", budgets.ask_me, name="ask-me"),
    path("<slug:team>/budgets/prices/add/", hand_prices.add, name="price-add"),
    path("<slug:team>/budgets/prices/<int:pk>/", hand_prices.change, name="price-change"),
    path("<slug:team>/budgets/prices/<int:pk>/remove/", hand_prices.remove, name="price-remove"),
    path("<slug:team>/budgets/waiting/<uuid:click>/yes/", approvals.say_yes, name="approval-yes"),
    path("<slug:team>/budgets/waiting/<uuid:click>/price/", approvals.set_price, name="approval-price"),
    path("<slug:team>/budgets/waiting/<uuid:click>/no/", approvals.say_no, name="approval-no"),
    path("<slug:team>/balance/", budgets.refresh_balance, name="balance-refresh"),
]
