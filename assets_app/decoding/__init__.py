"""Work on bytes from outside, in a child process that may die of them.

A decoder is a large program in C, and a file of two kilobytes can have it take gigabytes, run for hours, or crash. So a
worker process never decodes anything itself: it hands each file to a child of its own and waits.

- `pool.Decoders` owns the children of one process. It starts one when there is work and none is free, so there are at
  most as many as its threads ask at once; each has one file at a time, hence one that dies takes no other file along.
- A child (`child`) imports nothing of Django, has neither database nor secrets in its environment, and no network where
  the system lets it leave that. It stays warm for the next file, and ends of itself, with exit code 0, when nobody
  asked for a while, after so many files, or when its memory grew for good: what decoders leave behind goes with it.
- What may be asked is a table of operations by name in a module that both sides know (`media.operations`). A question
  is one line of JSON: operation, arguments, limits. An answer is one line of JSON too, and the bytes it announces.
  Nothing that comes from a child is executed or unpickled; its answers are bounded in length.
- Limits (`limits`): address space beyond what the process had before the file (never more than half of what the
  machine has), processor time, the size of a file it writes, and seconds by the clock, at whose end the parent kills
  it. Where the kernel does not bound address space (macOS), the parent looks at its size twice a second instead.
- A child dies with its parent: at once on Linux, elsewhere when it next reads or writes.

What comes of it, for the caller:

- the operation's result;
- a `Refusal` of the operation: what it found out about the file;
- `DecoderDied`: the file ended the child (it crashed, took too long or too much memory), in words for people. By
  chance, too, for others may have taken the memory; so it is worth a second attempt;
- `OSError`: the disk is full, say; nothing about the file;
- `DecoderFault`: no child could be had, or a mistake of ours; nothing about the file either.
"""

from __future__ import annotations


class Refusal(Exception):
    """What an operation has against a file; `reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DecoderDied(Exception):
    """The file ended the process that had it; `reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DecoderFault(Exception):
    """Nothing was found out about the file: there was no process for it, or a mistake of ours in it."""
