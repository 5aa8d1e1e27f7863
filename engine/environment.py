"""The environment in which the engine is started: which plugins it meets, and where it keeps its stacks."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.model import Engine, engines_folder

_OUR_LANGUAGE_HOST: Final = Path(__file__).parent / "bin"
_STAND_IN_PLUGINS: Final = Path(__file__).parent.parent / "simulator" / "bin"

_TRIAL_PASSPHRASE: Final = "onramp-local-trial"  # noqa: S105 - not a secret: it guards the stand-in's made-up values

# Overridden, not removed: the Automation API lays this over the environment of its own process.
_NO_CLOUD: Final = {
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "AWS_ACCESS_KEY_ID": "stand-in",
    "AWS_SECRET_ACCESS_KEY": "stand-in",
    "AWS_SESSION_TOKEN": "",
    "AWS_PROFILE": "",
    "AWS_DEFAULT_PROFILE": "",
    "AWS_ROLE_ARN": "",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environment(
    engine: Engine, project: Path, *, stand_in: bool, state: Path | None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The complete environment for starting `engine`.

    Args:
        engine: the engine to start.
        project: the folder of Pulumi.yaml.
        stand_in: have the stand-in provider answer for AWS: no official plugin is used or downloaded, and no real
            credential is passed on.
        state: keep the stacks in this folder (relative to `project`; made if need be), with a passphrase that
            everybody knows unless one is set. None leaves the backend, the login and the secrets provider to the user.
        extra: goes on top of everything.

    Raises:
        ValueError: a stand-in without a state folder; its made-up resources must not reach anybody's real backend.
    """
    if stand_in and state is None:
        raise ValueError("the stand-in provider needs a state folder: its resources are made up")
    front = [
        *([_OUR_LANGUAGE_HOST] if engine.needs_language_host else []),
        *([_STAND_IN_PLUGINS] if stand_in else []),
        *([engine.command.parent] if engine.origin != "path" else []),
    ]
    return {
        **os.environ,
        "PATH": os.pathsep.join([*map(str, front), os.environ.get("PATH", os.defpath)]),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "ONRAMP_PYTHON": sys.executable,
        **({"PULUMI_IGNORE_AMBIENT_PLUGINS": "false"} if engine.needs_language_host or stand_in else {}),
        **(_local_backend(project / state) if state is not None else {}),
        **(_NO_CLOUD if stand_in else {}),
        **(extra or {}),
    }


def _local_backend(state: Path) -> dict[str, str]:
    """Stacks as files in `state`, and a Pulumi home of our own, so that the user's login stays as it is."""
    state.mkdir(parents=True, exist_ok=True)
    has_passphrase = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys()
    return {
        "PULUMI_BACKEND_URL": state.resolve().as_uri(),
        "PULUMI_HOME": str(engines_folder() / "home"),
        **({} if has_passphrase else {"PULUMI_CONFIG_PASSPHRASE": _TRIAL_PASSPHRASE}),
    }
