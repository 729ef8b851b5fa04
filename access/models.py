"""The rows: whose tasks and schedules there are, and who may do what with them."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from access.key_text import PREFIX
from access.rates.gcra import Rate
from access.restrictions import Restrictions
from access.scopes import SCOPES_OF_ROLES, Role
from values.ids import new_id

RATE_HELP = "limit and window_seconds; null: the usual ones"


class ProjectStatus(models.TextChoices):
    """Whether what is in a project may be changed."""

    ACTIVE = "active"
    FROZEN = "frozen"


class Project(models.Model):
    """Whose tasks and schedules they are. The first one, `default`, is there from the beginning."""

    slug = models.TextField(unique=True, help_text="the name in headers and paths; never changes")
    name = models.TextField()
    status = models.TextField(choices=ProjectStatus, default=ProjectStatus.ACTIVE.value)
    quotas = models.JSONField(default=dict, help_text="a limit by its name; what is not named has none")
    rate = models.JSONField(null=True, help_text=RATE_HELP)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "project"
        constraints = [
            models.CheckConstraint(name="project_status_known", condition=Q(status__in=ProjectStatus.values))
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_frozen(self) -> bool:
        """Whether it is read-only."""
        return self.status == ProjectStatus.FROZEN

    @property
    def own_rate(self) -> Rate | None:
        """How often everybody together may ask here."""
        return _rate_of(self.rate)


class Key(models.Model):
    """Something that lets a program in. Of its text only a hash is kept. Rows are never deleted: nobody may come in
    unasked because all keys are gone."""

    number = models.BigAutoField(primary_key=True)
    public_id = models.TextField(unique=True)
    name = models.TextField()
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="+", help_text="null: an installation key"
    )
    role = models.TextField(null=True, help_text="instead of scopes: those that the role has now")
    scopes = ArrayField(models.TextField(), default=list)
    operations = ArrayField(models.TextField(), null=True)
    max_priority = models.SmallIntegerField(null=True)
    networks = ArrayField(models.TextField(), null=True)
    pins = models.JSONField(default=dict, help_text="a JSON Schema, as text, by operation")
    rate = models.JSONField(null=True, help_text=RATE_HELP)
    digest = models.BinaryField(help_text="SHA-256 of the text")
    last_characters = models.TextField()
    previous_digest = models.BinaryField(null=True, help_text="of the text before it was rotated")
    previous_until = models.DateTimeField(null=True, help_text="until when that one is let in, too")
    created_by = models.TextField(null=True, help_text="the public id of the key that made it")
    created_at = models.DateTimeField(db_default=Now())
    rotated_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="to the minute")

    class Meta:
        db_table = "access_key"
        constraints = [
            models.CheckConstraint(
                name="access_key_role_or_scopes",
                condition=Q(role__in=[role.value for role in Role], scopes=[])
                | (Q(role=None) & ~Q(scopes=[])),
            ),
            models.CheckConstraint(
                name="access_key_previous",
                condition=Q(previous_digest=None, previous_until=None)
                | Q(previous_digest__isnull=False, previous_until__isnull=False),
            ),
        ]
        indexes = [
            # GET /keys/ of a project, newest first.
            models.Index("project", F("number").desc(), name="access_key_by_project"),
        ]

    def __str__(self) -> str:
        return f"{PREFIX}{self.public_id} {self.name}"

    @property
    def granted(self) -> frozenset[str]:
        """Its scopes. Those of a role are as they are now."""
        return frozenset(self.scopes) if self.role is None else SCOPES_OF_ROLES[self.role]

    @property
    def restrictions(self) -> Restrictions:
        """What it is held to besides."""
        return Restrictions(
            operations=None if self.operations is None else tuple(self.operations),
            max_priority=self.max_priority,
            networks=None if self.networks is None else tuple(self.networks),
            pins=tuple(sorted(self.pins.items())),
            expires_at=self.expires_at,
            rate=_rate_of(self.rate),
        )


class Person(AbstractBaseUser):
    """Somebody who logs in. Rows are never deleted: nobody may come in unasked because all people are gone."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField(unique=True, help_text="what they log in with, as `people.names` makes it alike")
    role = models.TextField(null=True, help_text="in every project, and for what belongs to none")
    is_active = models.BooleanField(db_default=True, default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()
    USERNAME_FIELD = "name"

    class Meta:
        db_table = "person"
        constraints = [
            models.CheckConstraint(
                name="person_role_known",
                condition=Q(role=None) | Q(role__in=[role.value for role in Role]),
            )
        ]


class PersonRole(models.Model):
    """What a person may do in one project."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    role = models.TextField()

    class Meta:
        db_table = "person_role"
        constraints = [
            models.UniqueConstraint("person", "project", name="person_role_once"),
            models.CheckConstraint(
                name="person_role_role_known", condition=Q(role__in=[role.value for role in Role])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.role} {self.project}"


class Session(models.Model):
    """A browser in which somebody has logged in. Of what its cookie says only a hash is kept."""

    digest = models.BinaryField(primary_key=True, help_text="SHA-256 of the cookie's value")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    began_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(db_default=Now(), help_text="to the minute")

    class Meta:
        db_table = "person_session"

    def __str__(self) -> str:
        return f"{self.person_id} {self.began_at}"


class LogInAttempts(models.Model):
    """How often somebody tried to log in, of a name, an address or a browser: no row, not lately."""

    bucket = models.TextField(primary_key=True)
    free_at = models.DateTimeField(db_index=True, help_text="when it is as if nobody had tried")

    class Meta:
        db_table = "log_in_attempts"

    def __str__(self) -> str:
        return self.bucket


def _rate_of(kept: dict[str, int] | None) -> Rate | None:
    return None if kept is None else Rate(kept["limit"], kept["window_seconds"])


class AuditEvent(models.Model):
    """A change, or a refusal, that somebody answers for. Rows are never changed: triggers of the database see to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(db_default=Now())
    project_id = models.IntegerField(help_text="0: the installation as a whole")
    actor_kind = models.TextField()
    actor_id = models.TextField(null=True)
    actor_name = models.TextField(null=True, help_text="as it was then")
    action = models.TextField()
    target_type = models.TextField(null=True)
    target_id = models.TextField(null=True, help_text="null: many, which `filter` names")
    outcome = models.TextField()
    reason = models.TextField(null=True)
    changes = models.JSONField(default=dict, help_text="by field: before and after")
    filter = models.JSONField(null=True, help_text="of a request for many: which ones")
    count = models.IntegerField(null=True, help_text="of a request for many: how many; or how often")
    request_id = models.TextField(null=True)
    address = models.TextField(null=True)
    user_agent = models.TextField(null=True)

    class Meta:
        db_table = "audit_event"
        indexes = [
            # GET /audit/, newest first.
            models.Index("project_id", F("id").desc(), name="audit_event_by_project"),
            # The same of one thing.
            models.Index("project_id", "target_id", F("id").desc(), name="audit_event_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_id or ''}"


class AuditUnsealed(models.Model):
    """An event that has no place in its chain yet. A trigger writes it with the event; sealing deletes it."""

    event_id = models.UUIDField(primary_key=True)
    project_id = models.IntegerField()

    class Meta:
        db_table = "audit_unsealed"

    def __str__(self) -> str:
        return str(self.event_id)


class AuditChain(models.Model):
    """Where the chain of a project begins now, and where it ends. Only moves forward."""

    project_id = models.IntegerField(primary_key=True)
    last_number = models.BigIntegerField(default=0)
    last_hash = models.BinaryField()
    first_number = models.BigIntegerField(default=1, help_text="what is before was deleted when it was old")
    before_first = models.BinaryField(help_text="the hash of the one before")

    class Meta:
        db_table = "audit_chain"

    def __str__(self) -> str:
        return f"{self.project_id}: {self.first_number} to {self.last_number}"


class AuditSeal(models.Model):
    """The place of an event in its chain."""

    event_id = models.UUIDField(primary_key=True)
    project_id = models.IntegerField()
    number = models.BigIntegerField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_seal"
        constraints = [
            models.UniqueConstraint(fields=["project_id", "number"], name="audit_seal_number"),
        ]
        indexes = [
            # Retention: the oldest.
            models.Index("sealed_at", name="audit_seal_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.number}"
