"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from access.api import converters  # noqa: F401 (registers them)
from dashboard.keys import views

urlpatterns: list[URLPattern] = [
    path("keys/", views.keys_page),
    path("keys/new/", views.new_key),
    path("keys/<key:key_id>/", views.key_page),
    path("keys/<key:key_id>/edit/", views.edit_key),
    path("keys/<key:key_id>/rotate/", views.rotate_key),
    path("keys/<key:key_id>/revoke/", views.revoke_key),
]
