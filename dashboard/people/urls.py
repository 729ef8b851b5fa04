"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from access.api import converters  # noqa: F401 (registers them)
from dashboard.people import views

urlpatterns: list[URLPattern] = [
    path("people/", views.people_page),
    path("people/new/", views.new_person),
    path("people/<person:person_id>/", views.person_page),
]
