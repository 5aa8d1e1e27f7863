"""What App Runner and Express have in common: a web service that AWS fronts by itself."""

from typing import Self

from pydantic import model_validator

from stacks.models.common import Service


class WebService(Service):
    """A service from an image, behind a load balancer that is AWS's and not the environment's."""

    @model_validator(mode="after")
    def _without_what_it_has_not(self) -> Self:
        """What it cannot have is refused, with the reason and what to do instead."""
        kind = self.compute_type
        if self.route is not None:
            raise ValueError(
                f"route is for the environment's load balancer, and {kind} has a URL of its own; remove route"
            )
        if self.queue is not None or self.consumes:
            raise ValueError(
                f"queue and consumes are for workers, and {kind} gives CPU only for requests; make the worker a "
                "fargate service that consumes, beside this one"
            )
        if self.discovery.service_connect:
            raise ValueError(
                f"discovery.serviceConnect is for fargate, and {kind} joins no Service Connect; use discovery.cloudMap"
            )
        return self

    @property
    def has_image(self) -> bool:
        """Always."""
        return True
