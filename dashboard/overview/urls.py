"""Paths of the overview."""

from django.urls import URLPattern, path

from dashboard.overview.views import overview

urlpatterns: list[URLPattern] = [path("", overview)]
