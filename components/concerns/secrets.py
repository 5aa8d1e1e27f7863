"""Credentials as rotated secrets, everything else as parameters; processes get references, not values."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.rotation import RotationFunction
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import ServiceScope, compact_json, kept
from stacks.models import SecretRef, Service
from stacks.standards import ADMIN_SUFFIX, SECRET_ROTATION_DAYS

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
        self._functions: dict[tuple[str, bool], RotationFunction] = {}
        for reference in own_secrets(scope, spec):
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
        secret = self._secret(reference.name, f"{reference.name} of {reference.owner}")
        if reference.kind is None:
            return
        alternating = reference.kind == "postgres" and self.scope.scope.is_prod
        self._rotate(reference.name, secret, reference.kind, alternating=alternating)
        if alternating:
            admin = self._secret(f"{reference.name}{ADMIN_SUFFIX}", f"administrator for {reference.name}")
            self._rotate(f"{reference.name}{ADMIN_SUFFIX}", admin, reference.kind, alternating=False)

    def _secret(self, key: str, description: str) -> aws.secretsmanager.Secret:
        role = f"{self.name}-{_role(key)}"
        secret = aws.secretsmanager.Secret(
            role,
            name=secret_name(self.scope, SecretRef.model_construct(owner=self.scope.service, name=key)),
            description=description,
            kms_key_id=self._foundation.data_key_arn,
            recovery_window_in_days=RECOVERY_DAYS,
            tags=self.tags,
            opts=kept(self.scope.scope, self),
        )
        aws.secretsmanager.SecretVersion(
            f"{role}-placeholder",
            secret_id=secret.id,
            secret_string_wo=compact_json({"note": PLACEHOLDER}),
            secret_string_wo_version=1,
            opts=self.child,
        )
        return secret

    def _rotate(self, key: str, secret: aws.secretsmanager.Secret, kind: str, *, alternating: bool) -> None:
        function = self._functions.get((kind, alternating))
        if function is None:
            function = RotationFunction(self, kind, self._foundation, alternating=alternating)
            self._functions[(kind, alternating)] = function
        aws.secretsmanager.SecretRotation(
            f"{self.name}-{_role(key)}-rotation",
            secret_id=secret.id,
            rotation_lambda_arn=function.arn,
            rotation_rules={"automatically_after_days": SECRET_ROTATION_DAYS},
            rotate_immediately=False,
            opts=self.after(function.stack),
        )


def own_secrets(scope: ServiceScope, spec: Service) -> list[SecretRef]:
    """The secrets that the service owns, rather than borrows."""
    return [reference for reference in spec.secret_refs(scope.service) if reference.owner == scope.service]


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
        for reference in spec.secret_refs(scope.service)
    }
    path = scope.scope.parameter_path(scope.service)
    found |= {key: scope.scope.arn("ssm", f"parameter{path}/{key}") for key in spec.config}
    return dict(sorted(found.items()))


def read_statements(scope: ServiceScope, spec: Service) -> list[Statement]:
    """May read exactly the secrets and parameters that the service names, whoever owns them."""
    statements: list[Statement] = []
    references = spec.secret_refs(scope.service)
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
