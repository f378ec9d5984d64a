"""What keeps Castboard's processes alive, and takes all of them away at the end. Knows nothing of Django.

Written here because the ready-made ones leave out what matters: when the head of a process group dies they start a
second group beside the orphans of the first, and none notices that a cluster of living processes stopped working.
"""
