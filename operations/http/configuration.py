"""What the operator decides about `http_request`."""

from dataclasses import dataclass, field

from operations.http.connecting import Guard
from operations.http.policy import Policy


@dataclass(frozen=True, slots=True)
class HttpConfiguration:
    """The defaults let requests go to public addresses only, and trust the usual certificate authorities."""

    policy: Policy = field(default_factory=Policy)
    ca_file: str | None = None

    @property
    def guard(self) -> Guard:
        """What opens connections."""
        return Guard(self.policy, self.ca_file)
