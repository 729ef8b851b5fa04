"""What is nobody's field is told above the form."""

from pytest_django import Settings

from examples.feedback.forms import Feedback


def test_a_service_that_has_no_address_says_so(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = ""
    form = Feedback({"name": "Zoë", "email": "zoe@example.com", "message": "Lovely."})
    assert form.is_valid()
    assert form.send() is None
    assert form.non_field_errors() == ['This must be an address such as ann@example.com, got "".']
