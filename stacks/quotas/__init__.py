"""AWS service quotas that a growing environment meets, and how much of each the services of one stack need.

The counts follow from what the components build for a service that has been released. They are what a preview warns
of, and what a far too large stack is refused with before anything is built.
"""

from stacks.quotas.model import BrokenQuota, Quota
from stacks.quotas.needs import SERVICES_PER_STACK_MAX, broken, refusal, usage
from stacks.quotas.table import QUOTAS

__all__ = ["QUOTAS", "SERVICES_PER_STACK_MAX", "BrokenQuota", "Quota", "broken", "refusal", "usage"]
