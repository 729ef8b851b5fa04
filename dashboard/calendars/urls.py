"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.calendars.views import calendar_page

urlpatterns: list[URLPattern] = [path("calendar/", calendar_page)]
