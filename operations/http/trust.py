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
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
