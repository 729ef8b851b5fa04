"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.forecast.views import forecast

urlpatterns: list[URLPattern] = [path("forecast/", forecast)]
