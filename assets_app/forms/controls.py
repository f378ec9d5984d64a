"""How one parameter of a model is set on a page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from assets_app.apiframe.catalogue import Model, Param, Problem
from assets_app.apiframe.model_facts import ALWAYS_SENT
from assets_app.apiframe.validation import objects_in

EDITABLE_KINDS = ("integer", "number", "boolean", "enum", "string", "enum_list", "object_list")
RATIO = re.compile(r"(\d+):(\d+)")
WIDEST_SLIDER = 60
SHORT_TEXT = 60  # characters; what may be longer gets a box of several lines
MOST_ROWS = 50
SHAPE_BOX = 14


def editable_params(model: Model) -> list[Param]:
    """What people set beside the prompt and the slots; the choices that shape and price a film come first."""
    media = {slot.param for slot in model.slots}
    params = [param for param in model.params.values() if param.kind in EDITABLE_KINDS and param.name not in media]
    return sorted(params, key=_rank)


def _rank(param: Param) -> int:
    """What is always sent, then other choices, then switches, then what hardly anybody sets."""
    if param.name in ALWAYS_SENT:
        return ALWAYS_SENT.index(param.name)
    return 15 if param.fields else {"enum": 10, "boolean": 20}.get(param.kind, 30)


def field_for(param: Param, model: Model) -> forms.Field:
    """The form field of one parameter. Ranges are judged by the catalogue, in its words, when the form is cleaned."""
    if param.kind == "boolean":
        return forms.BooleanField(required=False, label=param.label)
    words = {"required": f"{param.label} is needed.", "invalid": f"{param.label} must be a whole number."}
    about: dict[str, Any] = {
        "label": param.label,
        "required": param.required or param.default is not None,
        "error_messages": words,
    }
    if param.kind == "enum":
        words["invalid_choice"] = f"{model.label} does not offer %(value)s."
        choices = [(str(choice), str(choice)) for choice in param.choices]
        coerce: Callable[[Any], Any] = type(param.choices[0])
        return forms.TypedChoiceField(choices=choices, coerce=coerce, empty_value=None, **about)
    if param.kind == "enum_list":
        words["invalid_choice"] = f"{model.label} does not offer %(value)s."
        return forms.MultipleChoiceField(choices=[(str(each), str(each)) for each in param.choices], **about)
    if param.fields:
        return RowsField(param, label=param.label, required=param.required)
    if param.kind == "integer":
        return forms.IntegerField(**about)
    if param.kind == "number":
        words["invalid"] = f"{param.label} must be a number."
        return forms.FloatField(**about)
    return forms.CharField(empty_value=None, **about)


AS_TEXT = ""
"""In rows of a page, the column of what was written as one text and cannot be read as rows."""


class RowsWidget(forms.Widget):
    """Rows of fields, each field of the page a column: `multi_prompt-prompt`, `multi_prompt-duration`, as many times as
    there are rows. A text `multi_prompt` that spells such rows as JSON is rows too; any other is a row of its own.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[dict[str, Any]]:
        if not hasattr(data, "getlist"):
            found = data.get(name) or []
            if isinstance(found, str):
                return self._spelled(found)
            return [dict(row) for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
        columns = {column: data.getlist(f"{name}-{column}")[:MOST_ROWS] for column in self.columns}
        rows = range(max(map(len, columns.values()), default=0))
        typed = [
            {column: (cells[row] if row < len(cells) else "") for column, cells in columns.items()} for row in rows
        ]
        spelled = self._spelled(data.get(name, ""))
        return [*filter(is_filled, typed), *spelled] if spelled else typed

    def _spelled(self, text: str) -> list[dict[str, Any]]:
        if not text.strip():
            return []
        found = objects_in(text)
        if found is None or not all(self._is_row(each) for each in found):
            return [{AS_TEXT: text}]
        return [{column: str(row.get(column, "")) for column in self.columns} for row in found]

    def _is_row(self, found: Mapping[str, Any]) -> bool:
        """Whether a row can show it whole."""
        return set(found) <= set(self.columns) and all(isinstance(each, str | int) for each in found.values())

    def value_omitted_from_data(self, *_args: Any) -> bool:
        return False


def is_filled(row: Mapping[str, Any]) -> bool:
    return any(str(cell).strip() for cell in row.values())


class RowsField(forms.Field):
    """A list of objects, such as shots. A row in which nothing is written is none; no row is None. Where the provider
    takes one text, that is the list as JSON.
    """

    def __init__(self, param: Param, **kwargs: Any) -> None:
        super().__init__(widget=RowsWidget([field.name for field in param.fields]), **kwargs)
        self.param = param

    def clean(self, value: Any) -> list[dict[str, Any]] | str | None:
        rows = [row for row in value or [] if is_filled(row)]
        texts = [row[AS_TEXT] for row in rows if AS_TEXT in row]
        if texts and (len(rows) > 1 or self.param.kind != "string"):
            words = f"{self.param.label}: what is written as JSON cannot be read as rows. Mend it, or empty its box."
            raise forms.ValidationError(words, code="invalid")
        if texts:
            return str(texts[0]).strip()
        cleaned = [self._row(number, row) for number, row in enumerate(rows, start=1)]
        if self.required and not cleaned:
            raise forms.ValidationError(f"{self.param.label} are needed.", code="required")
        if self.param.kind == "string":
            return json.dumps(cleaned, ensure_ascii=False) if cleaned else None
        return cleaned or None

    def _row(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        return {field.name: self._cell(number, field, row.get(field.name)) for field in self.param.fields}

    def _cell(self, number: int, field: Param, value: Any) -> Any:
        text = str("" if value is None else value).replace("\r\n", "\n").strip()
        where = f"{self.param.label}, {number}"
        if not text:
            raise forms.ValidationError(f"{where}: {field.label.lower()} is missing.", code="required")
        if field.kind != "integer":
            return text
        try:
            return int(text)
        except ValueError:
            raise forms.ValidationError(
                f"{where}: {field.label.lower()} must be a whole number.", code="invalid"
            ) from None


def as_sent(name: str, field: forms.Field, value: Any) -> list[tuple[str, str]]:
    """The pairs by which a page sends this value of a field."""
    if isinstance(field, RowsField):
        cells = [each for row in value or [] for each in row.items()]
        return [(f"{name}-{column}" if column else name, str(cell)) for column, cell in cells]
    if isinstance(field, forms.MultipleChoiceField):
        return [(name, str(each)) for each in value or []]
    if isinstance(field, forms.BooleanField):
        return [(name, "on")] if value else []
    return [] if value is None else [(name, str(value))]


@dataclass(frozen=True)
class Option:
    """One value of a choice; `shape` is the width and height of a small drawing of an aspect ratio."""

    value: str
    is_chosen: bool
    shape: tuple[float, float] | None = None
    label: str = ""

    @property
    def left(self) -> float:
        return (SHAPE_BOX - self.shape[0]) / 2 if self.shape else 0

    @property
    def top(self) -> float:
        return (SHAPE_BOX - self.shape[1]) / 2 if self.shape else 0


@dataclass(frozen=True)
class Control:
    """A parameter with the field that carries its value, and what is wrong with that."""

    param: Param
    bound: BoundField
    problems: Sequence[Problem] = ()

    @property
    def kind(self) -> str:
        """Which of the page's controls: options, choices, switch, rows, number, text or words (some lines)."""
        if self.param.fields:
            return "rows"
        match self.param.kind:
            case "enum":
                return "options"
            case "boolean":
                return "switch"
            case "enum_list":
                return "choices"
            case "string":
                is_short = self.param.pattern or (self.param.max_length or SHORT_TEXT + 1) <= SHORT_TEXT
                return "text" if is_short else "words"
        return "number"

    @property
    def value(self) -> Any:
        value = self.bound.value()
        return "" if value is None else value

    @property
    def step(self) -> str:
        return "any" if self.param.kind == "number" else "1"

    @property
    def is_on(self) -> bool:
        return bool(self.bound.field.widget.value_from_datadict(self.bound.form.data, {}, self.bound.name))

    @property
    def has_slider(self) -> bool:
        low, high = self.param.minimum, self.param.maximum
        return self.param.kind == "integer" and low is not None and high is not None and high - low <= WIDEST_SLIDER

    @property
    def options(self) -> list[Option]:
        """The values of a choice; with an empty one where it may be left to the provider."""
        unset = [] if self.bound.field.required else [Option("", self.value == "", label="not set")]
        chosen = [str(each) for each in self.value] if isinstance(self.value, list) else [str(self.value)]
        if self.kind == "choices":
            return [Option(str(each), str(each) in chosen, label=_spelled(each)) for each in self.param.choices]
        return [
            *unset,
            *(
                Option(str(each), str(each) in chosen, _shape(str(each)), self._said(each))
                for each in self.param.choices
            ),
        ]

    def _said(self, choice: Any) -> str:
        return f"{choice} {self.param.unit}" if self.param.unit else str(choice)

    @property
    def chosen(self) -> list[str]:
        return [option.label for option in self.options if option.is_chosen]

    @property
    def rows(self) -> list[list[tuple[Param, Any]]]:
        """The cells of each row, and of one empty row where there is none yet."""
        values = [row for row in self.bound.value() or [] if AS_TEXT not in row] or [{}]
        return [
            [(field, "" if row.get(field.name) is None else row[field.name]) for field in self.param.fields]
            for row in values
        ]

    @property
    def may_be_text(self) -> bool:
        """Whether the rows may be written as one text instead."""
        return bool(self.param.fields) and self.param.kind == "string"

    @property
    def as_text(self) -> str:
        """What was written as one text and cannot be read as rows."""
        return next((row[AS_TEXT] for row in self.bound.value() or [] if AS_TEXT in row), "")

    @property
    def has_room(self) -> bool:
        return len(self.rows) < (self.param.max_items or MOST_ROWS)


def _spelled(choice: Any) -> str:
    return str(choice).replace("_", " ")


def _shape(text: str) -> tuple[float, float] | None:
    """ "16:9" as a rectangle in a box of SHAPE_BOX; None for what is no ratio."""
    found = RATIO.fullmatch(text)
    if not found:
        return None
    width, height = int(found[1]), int(found[2])
    scale = SHAPE_BOX / max(width, height)
    return round(width * scale, 1), round(height * scale, 1)
