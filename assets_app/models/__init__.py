"""Castboard's rows. Each file has one subject; import the names from here."""

from __future__ import annotations

from assets_app.models.asset import Asset, Kind, MadeBy, MediaType
from assets_app.models.cancelling import Cancel
from assets_app.models.candidate import Candidate, NewCandidate, keep_unsent, look_at, register_candidates
from assets_app.models.clock import Clock
from assets_app.models.comparison import Comparison
from assets_app.models.connection import Budget, Connection
from assets_app.models.cutting import add_cut, may_be_cut
from assets_app.models.event import Event
from assets_app.models.generation import Generation, NewReference, Origin, Reference, Video
from assets_app.models.guessing import GuessLimit, LastCode
from assets_app.models.heartbeat import Heartbeat
from assets_app.models.invitation import Invitation, invite
from assets_app.models.lease import Lease
from assets_app.models.library import Collection, Placing, SavedView, Star, Tag, Tagging, Tally
from assets_app.models.mail import Mail
from assets_app.models.marks import BEST_RATING, LONGEST_NOTES, Followed
from assets_app.models.media_check import MediaCheck
from assets_app.models.original import Original
from assets_app.models.own_copy import OwnCopy
from assets_app.models.registering import NewAsset, NewFile, add_file, register_all, retry_failed
from assets_app.models.settled_doubt import SettledDoubt
from assets_app.models.sharing import FilmStar, Preset, Share, share
from assets_app.models.spending import Discrepancy, HandPrice, SpendingLimit
from assets_app.models.team import LastAdmin, Membership, NotAdmin, Team, found

__all__ = [
    "BEST_RATING",
    "LONGEST_NOTES",
    "Asset",
    "Budget",
    "Cancel",
    "Candidate",
    "Clock",
    "Collection",
    "Comparison",
    "Connection",
    "Discrepancy",
    "Event",
    "FilmStar",
    "Followed",
    "Generation",
    "GuessLimit",
    "HandPrice",
    "Heartbeat",
    "Invitation",
    "Kind",
    "LastAdmin",
    "LastCode",
    "Lease",
    "MadeBy",
    "Mail",
    "MediaCheck",
    "MediaType",
    "Membership",
    "NewAsset",
    "NewCandidate",
    "NewFile",
    "NewReference",
    "NotAdmin",
    "Origin",
    "Original",
    "OwnCopy",
    "Placing",
    "Preset",
    "Reference",
    "SavedView",
    "SettledDoubt",
    "Share",
    "SpendingLimit",
    "Star",
    "Tag",
    "Tagging",
    "Tally",
    "Team",
    "Video",
    "add_cut",
    "add_file",
    "found",
    "invite",
    "keep_unsent",
    "look_at",
    "may_be_cut",
    "register_all",
    "register_candidates",
    "retry_failed",
    "share",
]
