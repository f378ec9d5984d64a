"""The route table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assets_app.sandbox import api, control
from assets_app.sandbox.protocol import Refusal, Request, Response

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

Handler = Callable[["Provider", Request, Any], Response]
"""Takes the account of the caller, or None where no key is needed."""


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    handler: Handler
    needs_key: bool = True

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def is_api(self) -> bool:
        """Whether this is the provider as others know it, and so subject to its faults."""
        return self.template.startswith("/v2/")

    @property
    def is_control(self) -> bool:
        """Whether it rules the sandbox, or tells of all teams at once."""
        return self.template.startswith("/_control")


ROUTES = (
    Route("POST", "/v2/assets/create", api.create_asset),
    Route("GET", "/v2/assets/{assetId}", api.show_asset),
    Route("POST", "/v2/uploads", api.upload),
    Route("POST", "/v2/videos/generate", api.generate_video),
    Route("GET", "/v2/jobs", api.list_jobs),
    Route("GET", "/v2/jobs/{id}", api.show_job),
    Route("GET", "/v2/me", api.show_me),
    Route("GET", "/v2/models", api.list_models, needs_key=False),
    Route("GET", "/v2/openapi.json", api.show_document, needs_key=False),
    Route("GET", "/videos/{name}", control.film, needs_key=False),
    Route("GET", "/uploads/{name}", control.uploaded, needs_key=False),
    Route("GET", "/media/{name}", control.media, needs_key=False),
    Route("GET", "/samples/", control.list_samples, needs_key=False),
    Route("GET", "/samples/{name}", control.sample, needs_key=False),
    Route("GET", "/_control", control.show, needs_key=False),
    Route("POST", "/_control", control.change, needs_key=False),
    Route("POST", "/_control/reset", control.reset, needs_key=False),
    Route("GET", "/_control/stats", control.show_stats, needs_key=False),
    Route("GET", "/_control/assets", control.list_assets, needs_key=False),
)

_PATTERNS = [
    (
        route,
        re.compile(
            re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.escape(route.template).replace(r"\{", "{").replace(r"\}", "}"))
        ),
    )
    for route in ROUTES
]


def find(request: Request) -> Route:
    """The route of a request, whose variable parts are put into `request.params`. Refusal 404 or 405 without one."""
    method = "GET" if request.method == "HEAD" else request.method
    other_method = False
    for route, pattern in _PATTERNS:
        match = pattern.fullmatch(request.path)
        if match and route.method == method:
            request.params = match.groupdict()
            return route
        other_method = other_method or bool(match)
    raise Refusal(405 if other_method else 404, "Method not allowed" if other_method else "Route not found")
