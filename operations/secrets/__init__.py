"""Arguments that refer to a secret by name, `{"$secret": "crm_token"}`: what is stored and shown is the name alone.

The value is read by the process that runs the task, right before it does, and hidden in all that the run tells.
"""

from operations.secrets.access import SecretAccess, SecretReader, SecretsConfiguration, SecretUnavailable
from operations.secrets.annotations import Json, Secret, SecretText
from operations.secrets.masking import Mask, without_cut_value
from operations.secrets.references import NAME_PATTERN, SecretReference

__all__ = [
    "NAME_PATTERN",
    "Json",
    "Mask",
    "Secret",
    "SecretAccess",
    "SecretReader",
    "SecretReference",
    "SecretText",
    "SecretUnavailable",
    "SecretsConfiguration",
    "without_cut_value",
]
