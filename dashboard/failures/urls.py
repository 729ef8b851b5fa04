"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.failures import views

urlpatterns: list[URLPattern] = [path("failures/", views.failure_list)]
