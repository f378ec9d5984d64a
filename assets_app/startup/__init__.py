"""What has to be right before Castboard runs, and what `manage.py up` does while it does."""
