"""What stands in paths for keys and projects."""

from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter


class KeyIdConverter(StringConverter):
    """`<key:key_id>`."""

    regex = "[0-9A-Za-z]{12}"


class PersonIdConverter(IntConverter):
    """`<person:person_id>`, no larger than the database has."""

    regex = "[1-9][0-9]{0,17}"


class SlugConverter(StringConverter):
    """`<project:slug>`."""

    regex = "[a-z0-9-]{1,63}"


register_converter(KeyIdConverter, "key")
register_converter(PersonIdConverter, "person")
register_converter(SlugConverter, "project")
