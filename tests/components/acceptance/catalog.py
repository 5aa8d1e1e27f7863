"""All rules that neither models nor schemas have."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance import (
    rules_api,
    rules_containers,
    rules_functions,
    rules_guard,
    rules_iam,
    rules_models,
    rules_names,
    rules_network,
    rules_pipelines,
    rules_schedules,
    rules_stores,
    rules_watching,
    rules_web,
)
from tests.components.acceptance.looking import Rule

RULES: Final[Mapping[str, Rule]] = {
    rule.__name__: rule
    for module in (
        rules_names,
        rules_iam,
        rules_api,
        rules_containers,
        rules_functions,
        rules_guard,
        rules_models,
        rules_pipelines,
        rules_schedules,
        rules_stores,
        rules_watching,
        rules_network,
        rules_web,
    )
    for rule in module.RULES
}
