"""What the operator decides about `http_request`."""

from dataclasses import dataclass, field

from operations.http.connecting import Guard
from operations.http.policy import Policy, read_policy
from operations.http.trust import tls_context


@dataclass(frozen=True, slots=True)
class HttpConfiguration:
    """The defaults let requests go to public addresses only, and trust the usual certificate authorities."""

    policy: Policy = field(default_factory=Policy)
    ca_file: str | None = None

    @property
    def guard(self) -> Guard:
        """What opens connections."""
        return Guard(self.policy, self.ca_file)


def read_http_configuration(allow: list[str], refuse: list[str], ca_file: str) -> HttpConfiguration:
    """What three settings say. Raises ValueError, whose text says what to mend."""
    try:
        tls_context(ca_file or None)
    except OSError as error:
        reason = (
            error.strerror
            if isinstance(error, FileNotFoundError | PermissionError)
            else "no certificates in PEM"
        )
        raise ValueError(f"cannot read certificates from {ca_file}: {reason}") from None
    return HttpConfiguration(read_policy(allow, refuse), ca_file or None)
