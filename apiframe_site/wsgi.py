"""The WSGI entry point."""

from __future__ import annotations

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apiframe_site.settings")
application = get_wsgi_application()
log = logging.getLogger("assets_app.startup")

from django.db import connections  # noqa: E402 (from here on the apps must be loaded)

from apiframe_site.time_limits import limit_waiting  # noqa: E402
from assets_app.startup.first_team import refuse_demo_password  # noqa: E402
from assets_app.startup.privacy import keep_private  # noqa: E402
from assets_app.startup.versions import refuse_other_version  # noqa: E402

limit_waiting()
refuse_other_version()
refuse_demo_password()
if said := keep_private():  # where there is no `up`
    log.warning("%s", said)
connections.close_all()  # a server that loads us first and forks then must not share them
