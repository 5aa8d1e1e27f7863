"""Credentials as rotated secrets, everything else as parameters; processes get references, not values."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.rotation import Administrator, RotationFunction, rotate
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import ServiceScope, compact_json, kept
from stacks.models import SecretRef, Service
from stacks.standards import ADMIN_SUFFIX

RECOVERY_DAYS: Final = 30
"""The longest that Secrets Manager offers: a deleted credential can come back."""
PLACEHOLDER: Final = "set me with `aws secretsmanager put-secret-value`"


class Secrets(Concern):
    """The service's own secrets with rotation (0.40 USD a month each), and its parameters.

    In prod a database credential alternates between two users, which takes a second secret, that of an administrator.
    The values are never ours: each secret starts with a placeholder that is written once and never read back.
    """

    def __init__(
        self, scope: ServiceScope, spec: Service, foundation: Foundation, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("Secrets", scope, opts)
        self._foundation = foundation
        self._functions: dict[str, RotationFunction] = {}
        for reference in own_secrets(scope):
            self._credential(reference)
        for key, value in sorted(spec.config.items()):
            aws.ssm.Parameter(
                f"{self.name}-{_role(key)}",
                name=f"{scope.scope.parameter_path(scope.service)}/{key}",
                type="String",
                value=value,
                description=f"{key} of {scope.service}",
                tags=self.tags,
                opts=self.child,
            )
        self.register_outputs({})

    def _credential(self, reference: SecretRef) -> None:
        key, kind = reference.name, reference.kind
        secret = self._secret(key, f"{key} of {reference.owner}")
        if kind == "postgres" and self.scope.scope.is_prod:
            admin_key = f"{key}{ADMIN_SUFFIX}"
            admin = self._secret(admin_key, f"administrator for {key}")
            rotate(self, admin_key, admin, self._single_user(kind))
            administrator = Administrator(secret_arn=admin.arn)
            name = f"{kind}-{_role(key)}"
            function = RotationFunction(self, name, kind, self._foundation, administrator=administrator)
            rotate(self, key, secret, function)
        elif kind is not None:
            rotate(self, key, secret, self._single_user(kind))

    def _secret(self, key: str, description: str) -> aws.secretsmanager.Secret:
        return credential(self, key, description, self._foundation, compact_json({"note": PLACEHOLDER}))

    def _single_user(self, kind: str) -> RotationFunction:
        if kind not in self._functions:
            self._functions[kind] = RotationFunction(self, kind, kind, self._foundation)
        return self._functions[kind]


def credential(
    concern: Concern, key: str, description: str, foundation: Foundation, placeholder: pulumi.Input[str]
) -> aws.secretsmanager.Secret:
    """A secret of the service, with a placeholder as its first version: written once, and never read back."""
    name = f"{concern.name}-{_role(key)}"
    secret = aws.secretsmanager.Secret(
        name,
        name=secret_name(concern.scope, SecretRef.model_construct(owner=concern.scope.service, name=key)),
        description=description,
        kms_key_id=foundation.data_key_arn,
        recovery_window_in_days=RECOVERY_DAYS,
        tags=concern.tags,
        opts=kept(concern.scope.scope, concern),
    )
    aws.secretsmanager.SecretVersion(
        f"{name}-placeholder",
        secret_id=secret.id,
        secret_string_wo=placeholder,
        secret_string_wo_version=1,
        opts=concern.child,
    )
    return secret


def own_secrets(scope: ServiceScope) -> list[SecretRef]:
    """The secrets that the service names and owns, rather than borrows."""
    return [reference for reference in scope.secrets if reference.owner == scope.service]


def secret_name(scope: ServiceScope, reference: SecretRef) -> str:
    """`org/service/env/KEY`, the same path as a parameter's."""
    return f"{scope.scope.parameter_path(reference.owner).lstrip('/')}/{reference.name}"


def process_references(scope: ServiceScope, spec: Service) -> dict[str, str]:
    """What a process finds in its environment: the ARN behind each secret's and parameter's name.

    A secret's ARN is given without the six characters that AWS adds to it: they do not exist before the secret does,
    and Secrets Manager finds it without them.
    """
    found = {
        reference.name: scope.scope.arn("secretsmanager", f"secret:{secret_name(scope, reference)}")
        for reference in scope.credentials
    }
    path = scope.scope.parameter_path(scope.service)
    found |= {key: scope.scope.arn("ssm", f"parameter{path}/{key}") for key in spec.config}
    return dict(sorted(found.items()))


def read_statements(scope: ServiceScope, spec: Service) -> list[Statement]:
    """May read exactly the secrets and parameters that the service names, whoever owns them."""
    statements: list[Statement] = []
    references = scope.credentials
    if references:
        names = [f"secret:{secret_name(scope, reference)}-??????" for reference in references]
        arns = [scope.scope.arn("secretsmanager", name) for name in names]
        statements.append(Statement(sid="ReadSecrets", actions=["secretsmanager:GetSecretValue"], resources=arns))
    if spec.config:
        path = scope.scope.parameter_path(scope.service)
        arns = [scope.scope.arn("ssm", f"parameter{path}/{key}") for key in sorted(spec.config)]
        statements.append(
            Statement(sid="ReadParameters", actions=["ssm:GetParameter", "ssm:GetParameters"], resources=arns)
        )
    return statements


def _role(key: str) -> str:
    return key.lower().replace("_", "-")
