"""Static files under names that hold a hash of their content."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# In our own modules only: Django's own setting for this reads everybody's, and stumbles over names that are no files.
OUR_IMPORTS = ("js/*.js", ((r'(?P<matched>from "(?P<url>\./[^"]+)")', 'from "%(url)s"'),))


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Modules import each other by their hashed names too. Otherwise one that a page names and another module imports
    would run twice, from two addresses, and do everything twice.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, OUR_IMPORTS)
