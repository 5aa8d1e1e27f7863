"""Whether the image that a stack file names is there, before anything is built of it."""

from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Aws, code_of

_DIGEST: Final = "sha256:"
_MISSING: Final = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


def image_problem(aws: Aws, repository: str, image: str) -> str:
    """What is wrong with the image, and what to do; empty when it is there.

    Args:
        aws: where to ask.
        repository: its name in ECR.
        image: digest or tag.
    """
    wanted = {"imageDigest": image} if image.startswith(_DIGEST) else {"imageTag": image}
    try:
        aws.ask("ecr", "describe_images", repositoryName=repository, imageIds=[wanted])
    except ClientError as error:
        if code_of(error) not in _MISSING:
            raise
        what = f"the repository {repository} in ECR has no image {image}"
        list_all = f"aws ecr list-images --repository-name {repository}"
        return f"{what}; push it, or correct onramp:images. What there is: {list_all}"
    return ""
