#!/usr/bin/env python
"""Castboard's command line."""

from __future__ import annotations

import os
import sys


def main() -> None:
    try:
        _execute()
    except KeyboardInterrupt:  # while it was still starting, or a command that has nothing to say about it
        sys.exit(130)


def _execute() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apiframe_site.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("castboard: Django is not installed here. Run `make run`, or use the interpreter in .venv.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
