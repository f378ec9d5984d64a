"""The engine: the only part of Castboard that talks to the provider about assets and jobs."""

from __future__ import annotations

from assets_app.engine.waking import wake, wake_if_overdue

__all__ = ["wake", "wake_if_overdue"]
