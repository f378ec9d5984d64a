"""What a step is: one row, from ours to the provider and back.

`prepare` and `settle` touch our database and run on the engine's own thread; `call` talks to the provider and runs on
a pool thread without a database. A step that is refused for good ends its row with the provider's words; one that
merely failed comes back later.
"""

from __future__ import annotations

from typing import Any, ClassVar

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, BadRequest, Conflict, NotFound, NotJson, UnexpectedAnswer
from assets_app.engine.outcomes import Later, backoff
from assets_app.models.due import Due


class Step:
    """One step of one state. The defaults suit a step that may simply be tried again."""

    max_attempts: ClassVar[int] = 12
    longest_wait: ClassVar[float] = 120.0

    def prepare(self, row: Any) -> bool:
        """Get ready on our side. False: there is nothing to send, the row has been moved or let go."""
        return True

    def call(self, client: Client, row: Any) -> Any:
        """Ask the provider. Raises ApiframeError."""
        raise NotImplementedError

    def settle(self, row: Any, answer: Any) -> Later | None:
        """Write down what came of it; Later when the row stays where it is."""
        raise NotImplementedError

    def failed(self, row: Any, error: ApiframeError) -> Later | None:
        """The call failed and the provider as a whole is well: again later, or the end of this row."""
        if isinstance(error, BadRequest | NotFound | Conflict) or row.attempts >= self.max_attempts:
            return self.give_up(row, error)
        return Later(self.wait(row), error=words_of(error))

    def put_back(self, row: Any, error: ApiframeError) -> bool:
        """The call failed for a reason that has nothing to do with this row. Undo what `prepare` wrote, if the
        provider cannot have it. False when the row is not ours to go on with after that.
        """
        return True

    def give_up(self, row: Any, error: ApiframeError) -> Later | None:
        row.move("failed", reason=words_of(error), is_quote=is_quoted(error))
        return None

    def wait(self, row: Due) -> float:
        return backoff(row.attempts, cap=self.longest_wait)


def is_quoted(error: ApiframeError) -> bool:
    """Whether its words are the provider's; those for what could not be reached or read are our client's."""
    return error.status is not None and not isinstance(error, NotJson | UnexpectedAnswer)


def words_of(error: ApiframeError) -> str:
    """The provider's words, with its complaints about single fields; they are explained when shown."""
    details = "; ".join(f"{path}: {', '.join(said)}" for path, said in getattr(error, "details", {}).items())
    return f"{error.message} ({details})" if details else error.message
