"""Served under `/feedback/`."""

from django.urls import path

from examples.feedback.views import feedback

urlpatterns = [
    path("", feedback, name="feedback"),
    path("<uuid:task_id>/", feedback, name="feedback_given"),
]
