"""Before a rollout: everything that can be known, and everything that forbids it, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from onramp.answers import check_service
from onramp.evaluate import find_project, load
from onramp.exits import BadInputError
from onramp.rolling.session import Session
from rollouts.advice import short
from rollouts.aws import Aws
from rollouts.images import image_problem
from rollouts.plan import steps_of
from rollouts.preflight import Outlook, look_ahead
from rollouts.record import Rollout, Step
from rollouts.taken_back import taken_back
from stacks.load import Stack
from stacks.targets import Target


class NeverBuiltError(BadInputError):
    """The stack as it was built last says nothing of the service, so nothing of it is live."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a rollout would be.

    Args:
        stack: whose.
        target: of the service, as it was built last.
        image: digest or tag that the stack file names; empty for what is not an image.
        steps: that the traffic would go through.
        outlook: what is live, and what to expect.
        problems: why it is refused; empty when it is not.
        notes: what a person should know.
    """

    stack: str
    target: Target
    image: str
    steps: tuple[Step, ...]
    outlook: Outlook
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def look(session: Session, service: str | None) -> Look:
    """Ask the stack file, the stack, AWS and the ledger; nothing is changed.

    Raises:
        StackFileError: when the stack file is wrong.
        NeverBuiltError: when the stack was never built with the service.
        BadInputError: when it has no such service.
    """
    stack = load(find_project(session.asked.project), session.asked.stack)
    if service is not None:
        check_service(service, stack.services)
    target = _target(service, session.builder().targets(), stack)
    aws = session.aws(target.region)
    session.screen.doing(f"looking at {target.service} in {target.region}")
    image = stack.images.get(target.service, "") if target.repository else ""
    outlook = look_ahead(aws, session.around.clock, target)
    problems = [*_opened(session, target.service), *_image(aws, target, image), *outlook.problems]
    return Look(
        stack=stack.name,
        target=target,
        image=image,
        steps=steps_of(target),
        outlook=outlook,
        problems=tuple(problems),
        notes=(*outlook.notes, *_same(target, image, outlook), *_again(session, target, stack)),
    )


def _target(service: str | None, targets: Mapping[str, Target], stack: Stack) -> Target:
    if service is None and len(targets) == 1:
        return next(iter(targets.values()))
    if service is None:
        names = ", ".join(targets)
        fix = f"name one of {names}" if names else f"onramp deploy {stack.name} first"
        raise BadInputError(f"Which service of {stack.name} is to be rolled out?\n    fix: {fix}")
    if service not in targets:
        raise NeverBuiltError(
            f"The stack {stack.name} as it was built last says nothing of {service}, so there is no live version to go "
            f"on from.\n    fix: onramp deploy {stack.name} builds it; scheduled tasks and batches are never rolled out"
        )
    return targets[service]


def _opened(session: Session, service: str) -> list[str]:
    former = session.newest(service)
    if former is None or not former.is_open:
        return []
    since = f"{former.started_at:%Y-%m-%d %H:%M} UTC (by {former.actor}, {former.phase})"
    return [f"{former.id} has been open since {since}: {ways(former)}"]


def ways(rollout: Rollout) -> str:
    """What can be done with one that is open."""
    at = f"{rollout.stack} {rollout.service}"
    return f"onramp rollout resume {at} goes on with it, onramp rollout abort {at} goes back"


def _image(aws: Aws, target: Target, image: str) -> list[str]:
    if not target.repository:
        return []
    if not image:
        return [f"onramp:images in the stack file names no image of {target.service}; write the digest that is to run"]
    problem = image_problem(aws, target.repository, image)
    return [problem] if problem else []


def _same(target: Target, image: str, outlook: Outlook) -> list[str]:
    if target.revision != outlook.survey.live or image != target.image or not image:
        return []
    return ["the stack file names the image that is live; unless something else of it has changed, nothing will happen"]


def _again(session: Session, target: Target, stack: Stack) -> list[str]:
    """What was judged bad may be tried again, on purpose: an alarm may have had another cause."""
    newest = session.newest(target.service)
    taken = taken_back(session.ledger, newest) if newest is not None else None
    if taken is None:
        return []
    wanted = stack.images.get(target.service, "")
    if wanted != taken.release or (not wanted and target.revision != taken.candidate):
        return []
    what = wanted or short(taken.candidate)
    when = taken.ended[:16].replace("T", " ")
    return [f"{what} was taken back before, by {taken.id} ({taken.actor}) at {when} UTC: {taken.why}"]
