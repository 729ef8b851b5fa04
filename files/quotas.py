"""How much of the storage a project has, and how much more it may have.

Files that have the same bytes count each: nobody is told what others have. Those on their way count as a whole.
"""

from django.db.models import Sum

from access.models import Project
from access.refusals import QuotaReached
from files.models import File

FILE_MEBIBYTES = "file_mebibytes"
MEBIBYTE = 1024 * 1024


def used_bytes(project_id: int) -> int:
    """Of all its files together."""
    return int(File.objects.filter(project_id=project_id).aggregate(sum=Sum("size"))["sum"] or 0)


def used_mebibytes(project_id: int) -> int:
    """The same, each that has begun counted."""
    return -(-used_bytes(project_id) // MEBIBYTE)


def refuse_files(project_id: int, limit: int | None, size: int) -> None:
    """For whoever brings about files of so many bytes. None is no limit, and costs nothing.

    Requests at the same moment may together go beyond. Raises QuotaReached.
    """
    if limit is not None and (used := used_bytes(project_id)) + size > limit * MEBIBYTE:
        raise QuotaReached(FILE_MEBIBYTES, limit, -(-used // MEBIBYTE))


def limit_of(project_id: int) -> int | None:
    """Its quota, for who has no actor at hand, such as a worker."""
    quotas = Project.objects.values_list("quotas", flat=True).get(id=project_id)
    limit: int | None = quotas.get(FILE_MEBIBYTES)
    return limit
