"""Paths of task schedules. Each works without its trailing slash, too."""

from django.urls import path

from schedules.api import views

urlpatterns = [
    path("task-schedules/", views.ScheduleList.as_view()),
    path("task-schedules/preview/", views.SchedulePreview.as_view()),
    path("task-schedules/<uuid:schedule_id>/", views.ScheduleDetail.as_view()),
]
