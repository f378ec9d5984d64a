"""gunicorn's worker as we use it, started by us or by hand."""

from __future__ import annotations

import logging

from gunicorn.config import Config  # type: ignore[import-untyped]

from apiframe_site.worker import Worker


def test_no_header_leads_past_what_a_proxy_guards() -> None:
    config = Config()
    worker = Worker(0, 0, [], None, 30, config, logging.getLogger("test"))
    worker.tmp.close()
    assert config.forwarder_headers == []
