"""What looks like a secret, by its name or its value. Nobody should have to be told twice."""

import re
from typing import Final

_NAME: Final = re.compile(
    r"PASSW(OR)?D|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|_KEY$|DATABASE_URL|CONNECTION_STRING|_DSN$",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    r"(AKIA|ASIA)[A-Z0-9]{16}"  # access keys of AWS
    r"|[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"  # user and password in a URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|gh[pousr]_[A-Za-z0-9]{36}"  # tokens of GitHub
    r"|xox[abprs]-[A-Za-z0-9-]{10}"  # tokens of Slack
)


def is_secret_name(name: str) -> bool:
    """Whether something called `name` is meant to be secret."""
    return _NAME.search(name) is not None


def is_secret_value(value: str) -> bool:
    """Whether `value` has the form of a credential."""
    return _VALUE.search(value) is not None
