"""What can be done to many assets at once: one class for each, and an answer for each asset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from assets_app.forms.library import CollectionForm, KindForm, NoChoice, RatingForm, TagsForm
from assets_app.library import changes, trash
from assets_app.library.words import sorting_name
from assets_app.models import Asset, Membership, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.forms import Form

NAMED = 3


@dataclass
class Answer:
    """What came of it: which assets were done, and why the others were not."""

    done: list[Asset] = field(default_factory=list)
    failed: list[tuple[Asset, str]] = field(default_factory=list)
    remark: str = ""

    def add(self, other: Answer) -> None:
        self.done += other.done
        self.failed += other.failed
        self.remark = self.remark or other.remark


@dataclass(frozen=True)
class Doer:
    """Who does it, and where."""

    team: Team
    user: User
    membership: Membership


class Action:
    """One verb of the bar. `name` stands in the address, `label` on the button, `past` begins the answer."""

    name: ClassVar[str]
    label: ClassVar[str]
    past: ClassVar[str]
    icon: ClassVar[str] = ""
    form: ClassVar[type[Form]] = NoChoice
    undone_by: ClassVar[str] = ""
    wakes_engine: ClassVar[bool] = False

    def may(self, membership: Membership) -> bool:
        return membership.may_edit

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        """Do it to some hundred assets; `form` is valid."""
        raise NotImplementedError

    def in_batches(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        answer = Answer()
        for batch in _batches(assets):
            answer.add(self.apply(doer, batch, form))
        return answer

    def sentence(self, answer: Answer) -> str:
        """ "Tagged 11, 1 failed: tram 4 (moved on meanwhile)"."""
        said = f"{self.past} {len(answer.done):,}"
        if answer.failed:
            named = "; ".join(f"{asset.name} ({why})" for asset, why in answer.failed[:NAMED])
            rest = f" and {len(answer.failed) - NAMED:,} more" if len(answer.failed) > NAMED else ""
            said += f", {len(answer.failed):,} failed: {named}{rest}"
        return f"{said}. {answer.remark}".strip()


class AddTags(Action):
    name, label, past, icon = "tag", "Tag", "Tagged", "tag"
    form = TagsForm
    undone_by = "untag"

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        changes.tag(doer.team, doer.user, assets, changes.tags_named(doer.team, form.cleaned_data["names"]))
        return Answer(list(assets))


class RemoveTags(Action):
    name, label, past, icon = "untag", "Untag", "Untagged", "untag"
    form = TagsForm

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        keys = [sorting_name(name) for name in form.cleaned_data["names"]]
        tags = list(doer.team.tags.filter(key__in=keys))
        changes.untag(doer.team, doer.user, assets, tags)
        return Answer(list(assets))


class AddToCollection(Action):
    name, label, past, icon = "collect", "Add to collection", "Added", "collection"
    form = CollectionForm
    undone_by = "take-out"

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        collection = changes.collection_named(doer.team, form.cleaned_data["name"])
        changes.collect(doer.team, doer.user, assets, collection)
        return Answer(list(assets), remark=f"They are in “{collection.name}” now.")


class TakeOut(Action):
    name, label, past, icon = "take-out", "Take out of collection", "Took out", "collection"
    form = CollectionForm

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        collection = changes.collection_named(doer.team, form.cleaned_data["name"])
        changes.take_out(doer.team, doer.user, assets, collection)
        return Answer(list(assets))


class SetKind(Action):
    name, label, past, icon = "kind", "Kind", "Changed the kind of", "kind"
    form = KindForm

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        changes.set_for_all(doer.team, doer.user, assets, "kind", form.cleaned_data["kind"])
        return Answer(list(assets))


class Rate(Action):
    name, label, past, icon = "rate", "Rate", "Rated", "star"
    form = RatingForm

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        changes.set_for_all(doer.team, doer.user, assets, "rating", form.cleaned_data["rating"])
        return Answer(list(assets))


class AddStar(Action):
    name, label, past, icon = "star", "Star", "Starred", "star"
    undone_by = "unstar"

    def may(self, membership: Membership) -> bool:
        return True

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        changes.star(doer.user, assets)
        return Answer(list(assets))


class RemoveStar(Action):
    name, label, past, icon = "unstar", "Unstar", "Unstarred", "star"
    undone_by = "star"

    def may(self, membership: Membership) -> bool:
        return True

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        changes.unstar(doer.user, assets)
        return Answer(list(assets))


class Retry(Action):
    """For those that need attention: send them once more."""

    name, label, past, icon = "retry", "Retry", "Sent once more:", "retry"
    wakes_engine = True

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        answer = Answer()
        for asset in assets:
            if asset.status.group != "attention":
                answer.failed.append((asset, f"it is {asset.status.label}: nothing to retry"))
            elif asset.register_again(doer.user):
                answer.done.append(asset)
            else:
                answer.failed.append((asset, "it moved on meanwhile"))
        return answer


class RegisterAgain(Action):
    """For any that are settled, Active ones too: as new provider assets under the same identity."""

    name, label, past, icon = "register", "Register again", "Registering again:", "retry"
    wakes_engine = True

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        answer = Answer()
        for asset in assets:
            if asset.in_flight:
                answer.failed.append((asset, "it is on its way already"))
            elif asset.register_again(doer.user):
                answer.done.append(asset)
            else:
                answer.failed.append((asset, "it moved on meanwhile"))
        return answer


class ThrowAway(Action):
    name, label, past, icon = "trash", "Trash", "To the trash:", "trash"
    undone_by = "restore"

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        uses = trash.uses_of(assets)
        moved = trash.throw_away(doer.team, doer.user, assets)
        return Answer(moved, remark=_in_use(uses))


class Restore(Action):
    name, label, past, icon = "restore", "Restore", "Restored", "undo"
    undone_by = "trash"

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        return Answer(trash.restore(doer.team, doer.user, assets))


class Purge(Action):
    name, label, past, icon = "purge", "Delete for good", "Deleted for good:", "trash"

    def may(self, membership: Membership) -> bool:
        return membership.role == Membership.Role.ADMIN

    def apply(self, doer: Doer, assets: Sequence[Asset], form: Form) -> Answer:
        answer = Answer()
        for asset in assets:
            if trash.purge([asset], doer.user):
                answer.done.append(asset)
            else:
                answer.failed.append((asset, "it is still being registered, or no longer in the trash"))
        return answer


def _in_use(uses: dict[str, int]) -> str:
    if not uses:
        return ""
    (name, count), *others = uses.items()
    more = f" and {len(others):,} more are in use as well" if others else ""
    return f"“{name}” was used in {count:,} {'video' if count == 1 else 'videos'}{more}; those stay as they are."


def _batches(assets: Sequence[Asset]) -> Iterator[Sequence[Asset]]:
    for start in range(0, len(assets), changes.BATCH):
        yield assets[start : start + changes.BATCH]


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        AddTags(),
        RemoveTags(),
        AddToCollection(),
        TakeOut(),
        SetKind(),
        Rate(),
        AddStar(),
        RemoveStar(),
        Retry(),
        RegisterAgain(),
        ThrowAway(),
        Restore(),
        Purge(),
    )
}
