"""Which version of Punctual this is."""

VERSION = "0.1.0"
