"""What `manage.py rqcron harvests.cron` enqueues, and how often.

The jobs run on the `housekeeping` queue, which has a worker of its own: harvests
that keep every other worker busy must not delay the mending of dead ones.
"""

from django.conf import settings
from rq import cron

from harvests import ckan, mail
from harvests.notifications import deliveries
from harvests.upkeep import harvest_due, harvest_published, housekeeping

ONCE = 100 * 365 * 24 * 3600  # an interval job runs at the start, then so much later

DAY = 24 * 3600
EVERY = 60  # seconds; with STALLED_AFTER less than the promised two minutes

cron.register(harvest_due, "housekeeping", interval=EVERY, result_ttl=EVERY)
cron.register(mail.send_again, "housekeeping", interval=EVERY, result_ttl=EVERY)
cron.register(ckan.attend_due, "housekeeping", interval=EVERY, result_ttl=EVERY)
cron.register(deliveries.deliver, "housekeeping", interval=EVERY, result_ttl=EVERY)
cron.register(housekeeping, "housekeeping", interval=DAY, result_ttl=3600)
cron.register(deliveries.write_digests, "housekeeping", interval=DAY, result_ttl=3600)
if settings.HARVEST_INIT:
    cron.register(harvest_published, "housekeeping", interval=ONCE, result_ttl=60)
