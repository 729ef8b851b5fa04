"""What the operator decides about `http_request`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from operations.errors import permanent
from operations.http.connecting import Guard
from operations.http.policy import Allowance, Policy
from operations.http.target import Target


@dataclass(frozen=True, slots=True)
class HttpConfiguration:
    """The defaults let requests go to public addresses only, and trust the usual certificate authorities.

    `secret_hosts` says where a secret may be sent; one that it does not name may be sent wherever requests may go.
    """

    policy: Policy = field(default_factory=Policy)
    ca_file: str | None = None
    secret_hosts: Mapping[str, tuple[Allowance, ...]] = field(default_factory=dict)

    @property
    def guard(self) -> Guard:
        """What opens connections."""
        return Guard(self.policy, self.ca_file)

    def check_secrets(self, names: Iterable[str], target: Target) -> None:
        """Raises OperationError where one of these secrets may not be sent to the target."""
        for name in names:
            allowed = self.secret_hosts.get(name)
            if allowed is not None and not any(entry.names(target) for entry in allowed):
                raise permanent(
                    "refused_secret",
                    f"the secret {name} may not be sent to {target.authority} "
                    "(the setting HTTP_REQUEST_SECRET_HOSTS says where it may)",
                )
