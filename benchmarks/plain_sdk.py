"""The other side of the comparison: the program under the SDK's own mocks, with nothing of our engine.

Mocks do not build what a remote component builds, so those resources are registered here one by one, from the preview
whose path is given: both sides register the same resources.
"""

import asyncio
import json
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import mocks
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import run_pulumi_func

from onramp.evaluate import config_of, load
from simulator.graph import Json
from simulator.standin import Cloud

REMOTE = "awsx:ec2:Vpc"
REMOTE_OUTPUTS: dict[str, Json] = {"vpcId": "vpc-1", "publicSubnetIds": ["subnet-1"], "privateSubnetIds": ["subnet-2"]}


class Plain(mocks.Mocks):
    """Echoes inputs, as the examples in Pulumi's documentation do."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Json]]:
        """Every input is an output; a remote component answers with ids."""
        inputs = cast("dict[str, Json]", args.inputs)  # pyright: ignore[reportUnknownMemberType] # the SDK says dict
        return f"{args.name}-id", REMOTE_OUTPUTS if args.typ == REMOTE else inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Json], list[tuple[str, str]]]:
        """The same answers as our side gets."""
        given = cast("dict[str, Json]", args.args)  # pyright: ignore[reportUnknownMemberType] # the SDK says dict
        return Cloud(region="us-east-1").invoke(args.token, given), []


def main(stack: str, previewed: Path) -> None:
    """Register everything that the preview of `stack` in the file `previewed` has."""
    resources: list[Mapping[str, Any]] = json.loads(previewed.read_text(encoding="utf-8"))["resources"]
    remote = {found["urn"] for found in resources if found["type"] == REMOTE}
    inside: list[Mapping[str, Any]] = []
    for found in resources:  # parents come before children
        if found["parent"] in remote:
            remote.add(found["urn"])
            inside.append(found)

    def program() -> None:
        runpy.run_path("__main__.py", run_name="__main__")
        for found in inside:
            pulumi.CustomResource(found["type"], found["name"], dict(found["inputs"]))

    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(Plain(), project="onramp", stack=stack, preview=True)
    set_all_config(config_of(load(Path(), stack)), [])
    sys.path.insert(0, str(Path.cwd()))
    asyncio.get_event_loop().run_until_complete(run_pulumi_func(program))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
