"""Whose certificates are believed."""

import ssl
from functools import lru_cache

import certifi


@lru_cache(maxsize=4)  # reading the certificates takes longer than most requests
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Trusts the usual certificate authorities, and besides those in `ca_file` (PEM).

    Certificates and host names are checked. Raises OSError for a file that cannot be read or has none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for file in filter(None, (certifi.where(), ca_file)):
        context.load_verify_locations(file)
    return context


def check_ca_file(ca_file: str) -> None:
    """Raises ValueError, which says what to mend, where a file is named that no certificates can be read from."""
    if not ca_file:
        return
    try:
        tls_context(ca_file)
    except ssl.SSLError:
        raise ValueError(f"{ca_file} has no certificates in PEM") from None
    except OSError as error:
        raise ValueError(f"{ca_file} cannot be read: {error.strerror}") from None
