"""What `manage.py rqcron harvests.cron` enqueues, and how often.

The jobs run on the `housekeeping` queue, which has a worker of its own: harvests
that keep every other worker busy must not delay the mending of dead ones.
"""

from rq import cron

from harvests.jobs import harvest_due, housekeeping

cron.register(harvest_due, "housekeeping", interval=60, result_ttl=60)
cron.register(housekeeping, "housekeeping", interval=24 * 3600, result_ttl=3600)
