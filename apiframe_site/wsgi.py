"""The WSGI entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apiframe_site.settings")
application = get_wsgi_application()

from assets_app.first_team import refuse_demo_password  # noqa: E402 (the apps must be loaded)

refuse_demo_password()
