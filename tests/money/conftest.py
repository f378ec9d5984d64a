"""The engine that runs inline, for prices that are learnt from real jobs."""

from __future__ import annotations

from tests.engine.conftest import engine, run, until

__all__ = ["engine", "run", "until"]
