"""`manage.py sandbox`: a local Apiframe on a port of this machine."""

from __future__ import annotations

import signal
import sqlite3
import threading
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError

from assets_app.sandbox.assets import URL_MARKERS
from assets_app.sandbox.clockwork import NeverBack
from assets_app.sandbox.refusals import PROMPT_MARKERS
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import Settings
from assets_app.sandbox.store import DataDirectoryTaken


def _epilogue() -> str:
    lines = ["Rehearse a refusal: a prompt with one of these words makes the job fail with that text,"]
    lines += [f"  {marker:<18} {text}" for marker, text in PROMPT_MARKERS.items()]
    lines += ["and an asset whose URL contains one of these fails:"]
    lines += [f"  {marker:<18} {text}" for marker, text in URL_MARKERS.items()]
    lines += ["Everything can be adjusted while it runs: GET and POST /_control, GET /_control/stats."]
    lines += [
        "It fetches any address, also private ones, so it runs only where nobody but this machine reaches Castboard:"
    ]
    lines += ["with ALLOWED_HOSTS and PUBLIC_URL unset, or on loopback."]
    return "\n".join(lines)


class Command(BaseCommand):
    help = "Run a local stand-in for the Apiframe API. It takes any API key that begins with afk_."
    requires_system_checks = ()  # it has nothing to do with our database or templates

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, epilog=_epilogue(), **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=django_settings.PORT + 1, help="port on 127.0.0.1 (%(default)s)"
        )
        parser.add_argument(
            "--data-dir",
            type=Path,
            default=Path(django_settings.DATA_DIR) / "sandbox",
            help="where its memory and its files are kept (%(default)s)",
        )
        for setting in fields(Settings):
            parser.add_argument(
                f"--{setting.name.replace('_', '-')}",
                help=f"{setting.metadata['help']} ({setting.default})".replace("%", "%%"),
            )

    def handle(self, *_: Any, **options: Any) -> None:
        if not django_settings.ON_LOOPBACK_ONLY:
            raise CommandError(
                "The sandbox fetches any address, also private ones, so it does not run where others reach Castboard. "
                "Unset ALLOWED_HOSTS and PUBLIC_URL."
            )
        names = [setting.name for setting in fields(Settings)]
        try:
            settings = Settings().changed({name: options[name] for name in names if options[name] is not None})
        except ValueError as error:
            raise CommandError(str(error)) from None
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        server = _opened(options["data_dir"], options["port"], settings)
        with server:
            self.stdout.write(f"The sandbox provider listens on {server.base_url}")
            self.stdout.flush()
            threading.Thread(target=server.provider.samples.make_all, daemon=True).start()
            # Not one endless wait: a signal that comes just before it begins would not be noticed until the next one.
            while not stop.wait(0.5):
                pass


def _opened(data_dir: Path, port: int, settings: Settings) -> SandboxServer:
    try:
        return SandboxServer(data_dir, port, settings, NeverBack())
    except DataDirectoryTaken as error:
        raise CommandError(f"The sandbox cannot start: {error}.") from None
    except (OSError, OverflowError) as error:
        raise CommandError(f"The sandbox cannot start on port {port} with its data in {data_dir}: {error}.") from None
    except sqlite3.Error as error:
        raise CommandError(f"The sandbox cannot use {data_dir}: {error}.") from None
