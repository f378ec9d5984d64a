"""`python -m tests.benchmarks.inside MODULE FUNCTION JSON`: call one function of this package with the keyword
arguments in the JSON object, and print what it returns as one line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def main(module: str, function: str, arguments: str) -> None:
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        import django

        django.setup()
    called = getattr(importlib.import_module(f"tests.benchmarks.inside.{module}"), function)
    print(json.dumps(called(**json.loads(arguments))), flush=True)


main(*sys.argv[1:])
