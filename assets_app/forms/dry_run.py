"""What would be sent, looked at before it is: each check with its outcome. Nothing here sends anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Problem
from assets_app.forms.controls import editable_params
from assets_app.forms.studio import StudioForm

Outcome = Literal["passed", "warned", "refused"]
OF_FILES = {
    "format",
    "bytes",
    "width",
    "height",
    "ratio",
    "pixels",
    "fps",
    "seconds",
    "seconds_total",
    "wrong_media_type",
}


@dataclass(frozen=True)
class Line:
    """One check: what must be so, and what is not as it should be."""

    what: str
    problems: tuple[Problem, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if any(problem.severity == "refuse" for problem in self.problems):
            return "refused"
        return "warned" if self.problems else "passed"


class DryRun:
    """Everything that is checked of a form, in the order in which people read it."""

    def __init__(self, form: StudioForm) -> None:
        self.form = form
        self.body = form.request_body()
        self.lines = list(_lines(form, self.body))

    @property
    def sum(self) -> str:
        """ "12 passed", "10 passed, 1 warning, 1 refused"; of an empty prompt alone nobody needs to be told off."""
        if self.form.refusals and all(problem.code == "prompt_empty" for problem in self.form.refusals):
            return "the prompt is still to be written"
        found = {
            outcome: sum(line.outcome == outcome for line in self.lines) for outcome in ("passed", "warned", "refused")
        }
        words = [f"{found['passed']} passed"]
        if found["warned"]:
            words.append(f"{found['warned']} warning{'' if found['warned'] == 1 else 's'}")
        if found["refused"]:
            words.append(f"{found['refused']} refused")
        return ", ".join(words)

    @property
    def outcome(self) -> Outcome:
        outcomes = {line.outcome for line in self.lines}
        return "refused" if "refused" in outcomes else "warned" if "warned" in outcomes else "passed"

    @property
    def has_unknown_ids(self) -> bool:
        """Whether an asset has no id at the provider yet, so that the request shows a blank for it."""
        return any(reference.asset and not reference.asset.provider_id for reference in self.form.references)


def _lines(form: StudioForm, body: object) -> Iterator[Line]:
    open_ones = [*form.refusals, *form.warnings]

    def take(found: Iterable[Problem]) -> tuple[Problem, ...]:
        taken = tuple(found)
        for problem in taken:
            open_ones.remove(problem)
        return taken

    rules = [Line(rule.summary, take([p for p in open_ones if p.code == rule.code])) for rule in form.model.rules]
    yield Line(_prompt_in_words(form), take([p for p in open_ones if p.field == "prompt"]))
    settings = {param.name for param in editable_params(form.model)} | {"takes"}
    yield Line(
        f"Each setting is one that {form.model.label} takes", take([p for p in open_ones if p.field in settings])
    )
    of_files = take([p for p in open_ones if p.code in OF_FILES])
    for slot in form.model.slots:
        count = sum(reference.slot == slot.name for reference in form.references)
        if count or slot.minimum:
            most = f"{count} of at most {slot.maximum}" if slot.is_list else f"{count}"
            yield Line(
                f"{slot.label}: {most}", take([p for p in open_ones if p.field == slot.name and p.position is None])
            )
    if form.references:
        yield Line(_references_in_words(form), take([p for p in open_ones if p.code in ("unusable", "unknown_slot")]))
        yield Line(_files_in_words(form), of_files)
    yield from rules
    if open_ones:
        yield Line("Everything else", tuple(open_ones))
    if body is not None:
        yield Line("The request is what the provider’s own document allows", tuple(_against_the_document(form, body)))


def _prompt_in_words(form: StudioForm) -> str:
    length = len(form.mentioned.rendered)
    most = f" of at most {form.model.prompt_max:,}" if form.model.prompt_max else ""
    return f"The prompt: {length:,}{most} characters"


def _references_in_words(form: StudioForm) -> str:
    waiting = len(form.waits_for)
    if not waiting:
        return "Each reference can be used now"
    return f"Each reference can be used; {waiting} must become Active first, and the film waits for that"


def _files_in_words(form: StudioForm) -> str:
    unknown = sum(reference.facts is None for reference in form.references)
    words = "The files are within the limits"
    return f"{words}, as far as we know them: {unknown} we have not seen" if unknown else words


def _against_the_document(form: StudioForm, body: object) -> Iterator[Problem]:
    """What our own checks have not said. That the prompt is empty, they have."""
    said = {"prompt"} if any(problem.code == "prompt_empty" for problem in form.refusals) else set()
    for path, messages in catalogue.validate_body(body).items():
        if path not in said:
            yield Problem("document", path, f"{path}: {'. '.join(messages)}.")
