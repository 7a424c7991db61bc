"""What may be changed about a part's media after Facebook refused them: another kind, or a fresh upload. Pure."""

from __future__ import annotations

from dataclasses import replace

from cim_messenger.outbound import PartKind
from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.lane import Repairs
from facebook_connector.sending.values import LanePart

TYPE_MISMATCH = 2018047
STALE = frozenset({2018008, 2018074, 2018294})
"""What a fresh upload may heal: a file that Facebook could not get, an id that is gone, one that was not processed."""


def number_of(error: GraphError) -> int:
    """The number that tells what is wrong with a medium: it comes beside a code, or in its place."""
    return error.subcode or error.code


def repairs_of_media(part: LanePart, repairs: Repairs, error: GraphError) -> Repairs:
    """The repairs for the next try of a part whose send was refused; the same as before if nothing can be changed."""
    if not HANDLING[part.kind].uploads:
        return repairs
    if number_of(error) in STALE and not repairs.uploaded_anew:
        return replace(repairs, uploaded_anew=True)
    return as_file(part, repairs, error)


def as_file(part: LanePart, repairs: Repairs, error: GraphError) -> Repairs:
    """A file whose type Facebook finds wrong goes once more as what takes any type, unless it stands among images."""
    if number_of(error) == TYPE_MISMATCH and part.kind is PartKind.MEDIA:
        return replace(repairs, as_file=True)
    return repairs
