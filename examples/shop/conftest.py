"""These tests are run with APPS=examples.shop (docs/how-to/write-an-operation.md); elsewhere there is no shop."""

from django.apps import apps

collect_ignore = [] if apps.is_installed("examples.shop") else ["tests"]
