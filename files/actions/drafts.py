"""Files that an attempt makes: nobody sees them until it succeeds, and nothing is left where it fails.

Both work in the caller's transaction.
"""

from uuid import UUID

from files.actions.storing import after_now, retention
from files.models import File


def publish(draft_of: UUID) -> list[File]:
    """Show what the attempt with this run token has made. Returns the files, in the order of their ids."""
    ids = list(File.objects.filter(draft_of=draft_of).values_list("id", flat=True))
    File.objects.filter(id__in=ids).update(draft_of=None, expires_at=after_now(retention()))
    return list(File.objects.select_related("content").filter(id__in=ids).order_by("id"))


def discard(draft_of: UUID) -> int:
    """Delete what it has made. How many; their bytes go with the sweep."""
    return File.objects.filter(draft_of=draft_of).delete()[0]
