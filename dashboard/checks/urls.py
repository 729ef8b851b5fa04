"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.checks import views

urlpatterns: list[URLPattern] = [path("checks/", views.check_list)]
