"""The rows: what is told of files, and which bytes are theirs."""

from uuid import UUID

from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from values.ids import new_id

NEWEST = F("id").desc(nulls_last=True)
DIGEST_CHARACTERS = 64


class FileContent(models.Model):
    """Bytes in the storage, once for all files that have them.

    The row is written before the bytes are, and deleted after them: whatever is in the storage has one. Nobody takes
    one without `stored_at`; the sweep removes it, as it does one that no file has had for a while.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.TextField(help_text="in hexadecimal digits")
    size = models.BigIntegerField(help_text="in bytes")
    stored_at = models.DateTimeField(null=True, help_text="since when all of it is in the storage")
    touched_at = models.DateTimeField(
        db_default=Now(), help_text="when it was written, or a file began to have it"
    )

    class Meta:
        db_table = "file_content"
        constraints = [
            # Those who upload the same at the same moment: one of them is first.
            models.UniqueConstraint(
                fields=["sha256"], name="file_content_once", condition=Q(stored_at__isnull=False)
            ),
            models.CheckConstraint(name="file_content_size", condition=Q(size__gte=0)),
        ]
        indexes = [
            # The sweep: which may be nobody's?
            models.Index("touched_at", name="file_content_age"),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def key(self) -> str:
        """What it is called in the storage: by its hash, and by its id, so that nothing is ever written over."""
        return f"{self.sha256[:2]}/{self.sha256}-{self.id.hex}"


class File(models.Model):
    """What somebody uploaded, or a task made. Without a `content`, it is still on its way."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project_id = models.IntegerField(help_text="no foreign key, as that of a task")
    name = models.TextField(help_text="for people and for patterns; never a path")
    media_type = models.TextField()
    size = models.BigIntegerField(help_text="in bytes; of one on its way, what it will be")
    content = models.ForeignKey(FileContent, on_delete=models.PROTECT, null=True, related_name="files")
    offset = models.BigIntegerField(null=True, help_text="of one on its way: how much of it is here")
    task_id = models.UUIDField(null=True, help_text="of the task that made it; no foreign key")
    draft_of = models.UUIDField(
        null=True, help_text="the run token of the attempt that makes it: nobody sees it until that succeeds"
    )
    created_by = models.TextField(null=True, help_text="who uploaded it, where somebody is known: key:<id>")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "file"
        constraints = [
            models.CheckConstraint(
                name="file_is_here_or_on_its_way",
                condition=Q(content__isnull=False, offset__isnull=True)
                | Q(content__isnull=True, offset__isnull=False, offset__gte=0, offset__lte=F("size")),
            ),
        ]
        indexes = [
            # GET /files/, newest first.
            models.Index("project_id", NEWEST, name="file_by_project"),
            # The newest that fits a pattern.
            models.Index("project_id", F("created_at").desc(), F("id").desc(), name="file_by_age"),
            # The end of an attempt: which did it make? The sweep: which were made by one that ended without a word?
            models.Index("draft_of", name="file_drafts", condition=Q(draft_of__isnull=False)),
            # The sweep: whose time is over?
            models.Index("expires_at", name="file_expiry"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        """Whether all of it is here."""
        return self.content_id is not None

    @property
    def sha256(self) -> str | None:
        """What its bytes hash to; None while they are on their way."""
        return None if self.content is None else self.content.sha256


class FilePart(models.Model):
    """Bytes of a file that is on its way, in the storage. Its row is there before and after them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file_id = models.UUIDField(help_text="no foreign key: the bytes outlive the file until they are deleted")
    start = models.BigIntegerField(help_text="of its first byte")
    size = models.BigIntegerField(null=True, help_text="null: it is being written, or was given up")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "file_part"
        constraints = [
            # Of two that continue at the same place one is taken.
            models.UniqueConstraint(
                fields=["file_id", "start"], name="file_part_once", condition=Q(size__isnull=False)
            ),
        ]
        indexes = [
            models.Index("file_id", "start", name="file_part_by_file"),
            # The sweep: what was given up?
            models.Index("created_at", name="file_part_age"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.start}"

    @property
    def key(self) -> str:
        """What it is called in the storage."""
        return f"parts/{self.id.hex}"


class FileUse(models.Model):
    """A task that reads a file, or made it."""

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="uses")
    task_id = models.UUIDField(help_text="no foreign key: tasks come and go by themselves")
    direction = models.TextField(choices=[("in", "in"), ("out", "out")])

    class Meta:
        db_table = "file_use"
        constraints = [
            models.UniqueConstraint(fields=["file", "task_id", "direction"], name="file_use_once"),
            models.CheckConstraint(name="file_use_direction", condition=Q(direction__in=["in", "out"])),
        ]
        indexes = [
            # The files of a task.
            models.Index("task_id", name="file_use_by_task"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.direction} {self.task_id}"


def shown_files(project_id: int) -> QuerySet[File]:
    """The files of a project, but for those that a running attempt makes."""
    return File.objects.select_related("content").filter(project_id=project_id, draft_of__isnull=True)


def find_file(file_id: UUID, project_id: int) -> File:
    """The file of this id in a project. Raises File.DoesNotExist, for one of another project, too."""
    try:
        return shown_files(project_id).get(id=file_id)
    except File.DoesNotExist:
        raise File.DoesNotExist(f"there is no file {file_id}") from None
