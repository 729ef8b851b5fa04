"""Paths of the pages of this section, relative to `/ui/`. What else is below `projects/` is in that project."""

from django.urls import URLPattern, path

from dashboard.projects import views

urlpatterns: list[URLPattern] = [
    path("projects/", views.project_list),
    path("projects/<slug:slug>/settings/", views.project_page),
]
