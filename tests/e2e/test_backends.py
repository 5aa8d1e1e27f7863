"""The backends that docs/engine.md names, with the commands that it gives; S3 and KMS are a simulator's."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast
from unittest import mock

import boto3  # pyright: ignore[reportMissingTypeStubs] # boto3 has none, and this is all that uses it
import pytest
from moto.server import ThreadedMotoServer

from engine.environment import environment
from tests.e2e.conftest import Done, MakeProject, Project

FAKE = {"AWS_ACCESS_KEY_ID": "simulated", "AWS_SECRET_ACCESS_KEY": "simulated", "AWS_REGION": "us-east-1"}
STACK = """\
config:
  aws:region: us-east-1
  onramp:environment:
    tier: dev
    owner: platform
    costCenter: "1001"
    domain: dev.example.com
    paging: {pagerduty: pagerduty-integration}
  onramp:services: {}
"""


@pytest.fixture
def simulator() -> Generator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


def client(service: str, simulator: str) -> Any:
    keys = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
    return cast("Any", boto3).client(service, endpoint_url=f"http://{simulator}", region_name="us-east-1", **keys)


def by_hand(project: Project, variables: dict[str, str], *arguments: str) -> Done:
    """The CLI in the project itself, with a backend that is not the trial's."""
    with mock.patch.dict(os.environ, project.variables, clear=True):
        settings = environment(project.engine, project.folder, stand_in=True, state=Path(".pulumi/unused"))
    line = [str(project.engine.command), *arguments, "--non-interactive", "--color", "never"]
    return project.run(line, project.folder, {**settings, **variables})


def test_a_stack_lives_in_a_bucket_and_its_secrets_behind_a_key(make_project: MakeProject, simulator: str) -> None:
    s3, kms = client("s3", simulator), client("kms", simulator)
    s3.create_bucket(Bucket="state")
    kms.create_alias(AliasName="alias/pulumi", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    project = make_project(dev=STACK)
    backend = f"s3://state?region=us-east-1&endpoint={simulator}&s3ForcePathStyle=true&disableSSL=true"
    variables = {**FAKE, "PULUMI_BACKEND_URL": backend, "AWS_ENDPOINT_URL_KMS": f"http://{simulator}"}
    by_hand(
        project, variables, "stack", "init", "dev", "--secrets-provider", "awskms://alias/pulumi?region=us-east-1"
    ).ended(0)
    done = by_hand(project, variables, "preview", "--stack", "dev", "--policy-pack", "policies").ended(0)
    assert "onramp@v0.1.0 (local: policies)" in done.out
    assert "encryptedkey:" in (project.folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    objects = {found["Key"] for found in s3.list_objects_v2(Bucket="state")["Contents"]}
    assert ".pulumi/stacks/onramp/dev.json" in objects


def test_a_stack_lives_in_a_file_behind_a_passphrase(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(dev=STACK)
    variables = {"PULUMI_BACKEND_URL": tmp_path.as_uri(), "PULUMI_CONFIG_PASSPHRASE": "a passphrase of mine"}
    by_hand(project, variables, "stack", "init", "dev").ended(0)
    by_hand(project, variables, "preview", "--stack", "dev", "--policy-pack", "policies").ended(0)
    assert "encryptionsalt:" in (project.folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert (tmp_path / ".pulumi" / "stacks" / "onramp" / "dev.json").exists()
