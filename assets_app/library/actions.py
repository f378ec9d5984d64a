"""What can be done to many assets at once: one class for each, and an answer for each asset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets_app.library import changes, trash
from assets_app.library.verb_forms import CollectionForm, KindForm, RatingForm, TagsForm
from assets_app.many import Action, AddStar, Answer, Doer, Purge, RemoveStar, Restore
from assets_app.models import Asset, registering
from assets_app.models.words import sorting_name

if TYPE_CHECKING:
    from django.forms import Form

NOTHING_LEFT = "it has no link, and our own copy of its file is gone"


class AddTags(Action[Asset]):
    name, label, past, icon = "tag", "Tag", "Tagged", "tag"
    form = TagsForm
    undone_by = "untag"

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        changes.tag(doer.team, doer.user, rows, changes.tags_named(doer.team, form.cleaned_data["names"]))
        return Answer(list(rows))


class RemoveTags(Action[Asset]):
    name, label, past, icon = "untag", "Untag", "Untagged", "untag"
    form = TagsForm

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        keys = [sorting_name(name) for name in form.cleaned_data["names"]]
        tags = list(doer.team.tags.filter(key__in=keys))
        changes.untag(doer.team, doer.user, rows, tags)
        return Answer(list(rows))


class AddToCollection(Action[Asset]):
    name, label, past, icon = "collect", "Add to collection", "Added", "collection"
    form = CollectionForm
    undone_by = "take-out"

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        collection = changes.collection_named(doer.team, form.cleaned_data["name"])
        changes.collect(doer.team, doer.user, rows, collection)
        return Answer(list(rows), remark=f"They are in “{collection.name}” now.")


class TakeOut(Action[Asset]):
    name, label, past, icon = "take-out", "Take out of collection", "Took out", "collection"
    form = CollectionForm

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        collection = changes.collection_named(doer.team, form.cleaned_data["name"])
        changes.take_out(doer.team, doer.user, rows, collection)
        return Answer(list(rows))


class SetKind(Action[Asset]):
    name, label, past, icon = "kind", "Kind", "Changed the kind of", "kind"
    form = KindForm

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        changes.set_for_all(doer.team, doer.user, rows, "kind", form.cleaned_data["kind"])
        return Answer(list(rows))


class Rate(Action[Asset]):
    name, label, past, icon = "rate", "Rate", "Rated", "star"
    form = RatingForm

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        changes.set_for_all(doer.team, doer.user, rows, "rating", form.cleaned_data["rating"])
        return Answer(list(rows))


class Retry(Action[Asset]):
    """For those that need attention: send them once more."""

    name, label, past, icon = "retry", "Retry", "Sent once more:", "retry"
    wakes_engine = True

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        answer: Answer[Asset] = Answer()
        for asset in rows:
            if asset.status.group != "attention":
                answer.failed.append((asset, f"it is {asset.status.label}: nothing to retry"))
            elif not registering.way_to_register(asset):
                answer.failed.append((asset, NOTHING_LEFT))
            elif registering.register_again(asset, doer.user):
                answer.done.append(asset)
            else:
                answer.failed.append((asset, "it moved on meanwhile"))
        return answer


class RegisterAgain(Action[Asset]):
    """For any that are settled, Active ones too: as new provider assets under the same identity."""

    name, label, past, icon = "register", "Register again", "Registering again:", "retry"
    wakes_engine = True

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        answer: Answer[Asset] = Answer()
        for asset in rows:
            if asset.in_flight:
                answer.failed.append((asset, "it is on its way already"))
            elif not registering.way_to_register(asset):
                answer.failed.append((asset, NOTHING_LEFT))
            elif registering.register_again(asset, doer.user):
                answer.done.append(asset)
            else:
                answer.failed.append((asset, "it moved on meanwhile"))
        return answer


class ThrowAway(Action[Asset]):
    name, label, past, icon = "trash", "Trash", "To the trash:", "trash"
    undone_by = "restore"

    def apply(self, doer: Doer, rows: Sequence[Asset], form: Form) -> Answer[Asset]:
        uses = trash.uses_of(rows)
        moved = trash.throw_away(doer.team, doer.user, rows)
        return Answer(moved, remark=_in_use(uses))


def _in_use(uses: dict[str, int]) -> str:
    if not uses:
        return ""
    (name, count), *others = uses.items()
    more = f" and {len(others):,} more are in use as well" if others else ""
    return f"“{name}” was used in {count:,} {'video' if count == 1 else 'videos'}{more}; those stay as they are."


ACTIONS: dict[str, Action[Asset]] = {
    action.name: action
    for action in (
        AddTags(),
        RemoveTags(),
        AddToCollection(),
        TakeOut(),
        SetKind(),
        Rate(),
        AddStar(changes.star),
        RemoveStar(changes.unstar),
        Retry(),
        RegisterAgain(),
        ThrowAway(),
        Restore(trash.restore),
        Purge(trash.purge, "it is still being registered"),
    )
}
