"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.audit import views

urlpatterns: list[URLPattern] = [
    path("audit/", views.audit_page),
    path("audit/lines/", views.audit_lines),
]
