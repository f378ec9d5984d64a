"""A local, strict Apiframe to try things on: same routes, same refusals, real fetching, real films.

It shares the catalogue with the rest of Castboard and nothing else, so that neither can hide the other's mistakes.
"""
