"""All rules that neither models nor schemas have."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance import (
    rules_containers,
    rules_functions,
    rules_iam,
    rules_names,
    rules_network,
    rules_watching,
)
from tests.components.acceptance.looking import Rule

RULES: Final[Mapping[str, Rule]] = {
    rule.__name__: rule
    for module in (rules_names, rules_iam, rules_containers, rules_functions, rules_watching, rules_network)
    for rule in module.RULES
}
