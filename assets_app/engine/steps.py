"""The step of each state, by the name it has in `models.states`."""

from __future__ import annotations

from assets_app.engine.asset_steps import AskOnceMore, Check, Register, Verify, Watch
from assets_app.engine.confirm_step import Confirm
from assets_app.engine.film_steps import Follow, Gather, Retry, Submit
from assets_app.engine.locating import Locate
from assets_app.engine.step import Step
from assets_app.models.states import ASSET, GENERATION

STEPS: dict[str, Step] = {
    "check": Check(),
    "register": Register(),
    "watch": Watch(),
    "verify": Verify(),
    "ask_once_more": AskOnceMore(),
    "gather": Gather(),
    "submit": Submit(),
    "confirm": Confirm(),
    "follow": Follow(),
    "retry": Retry(),
    "locate": Locate(),
}

for _machine in (ASSET, GENERATION):
    for _state in _machine.values():
        for _step in filter(None, (_state.step, _state.upkeep)):
            if _step not in STEPS:
                raise LookupError(f"{_machine.name}: {_state.value} needs the step {_step}, which nobody wrote")
