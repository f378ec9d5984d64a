"""The worker's cluster: django-q2's, mended so that the death of one of its processes stops no other.

`manage.py qcluster` starts it, under `manage.py up` and by hand alike:

- `sharing`: what its processes share holds no lock that a killed process could keep;
- `sentinel`: puts the cluster together, and has all of it end with its head;
- `signs`: a worker whose task takes long still gives signs of life, so that only one that hangs is silent.

What a killed process held in the database, `engine.bereavement` frees; `startup.keeping` calls it once a second.
"""
