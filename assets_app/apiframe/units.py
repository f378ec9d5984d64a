"""Measures of files as people read them."""

from __future__ import annotations

from assets_app.apiframe.model_facts import Number

_MEGABYTE = 1024 * 1024  # the binary one, in which the provider's limits are given


def megabytes(value: Number) -> str:
    return f"{value / _MEGABYTE:.4g} MB"


def pixels(value: Number) -> str:
    """Along one side."""
    return f"{value:,} px"


def seconds(value: Number) -> str:
    return f"{round(value, 2):g} s"
