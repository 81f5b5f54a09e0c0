"""Why a token is not believed.

::

    Refused         the token is at fault: the caller learns no more than ``invalid_token``
    Unavailable     the issuer's keys are not to be had: nobody can tell, the caller may try again
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a token, for logs."""

    TOO_LARGE = "token-too-large"
    MALFORMED = "token-malformed"
    ENCRYPTED = "token-encrypted"
    DETACHED = "token-detached"
    NESTED = "token-nested"
    HEADER = "header-forbidden"
    ISSUER = "issuer-unknown"
    ALGORITHM = "algorithm-wrong"
    TYPE = "type-wrong"
    KEY_ID = "key-id-wrong"
    KEY = "key-unknown"
    SIGNATURE = "signature-wrong"
    TIME = "time-malformed"
    EXPIRED = "token-expired"
    EARLY = "token-early"
    LIFETIME = "lifetime-wrong"
    OLD = "token-old"
    AUDIENCE = "audience-wrong"
    BOUND = "token-bound"
    SCOPE = "scope-missing"
    CLAIM = "claim-missing"
    SUBJECT = "subject-wrong"
    SUPPLIER = "supplier-wrong"


class Refused(Exception):
    """A token is not believed.

    Attributes
    ----------
    code
        Which rule it breaks; nothing of the token itself.
    """

    def __init__(self, code: Reason) -> None:
        super().__init__(str(code))
        self.code = code


class Unavailable(Exception):
    """The keys of an issuer are not to be had, and the last ones are too old to go by."""
