"""What comes in with the forms."""

from django import forms

from access.people import names, passwords

WRONG = "This name and this password do not belong together."
_TEXT = {"autocapitalize": "none", "spellcheck": "false"}


def _password(label: str, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=passwords.LONGEST, widget=widget)


class LogInForm(forms.Form):
    """A name and a password."""

    use_required_attribute = True
    name = forms.CharField(
        label="Name",
        max_length=names.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, **_TEXT}),
    )
    password = _password("Password", "current-password")


class PasswordForm(forms.Form):
    """The password so far, and another one twice."""

    current = _password("Current password", "current-password")
    new = _password("New password", "new-password")
    again = _password("New password again", "new-password")
