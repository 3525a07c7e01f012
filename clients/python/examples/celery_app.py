"""Tasks of Celery that ask for voices and change them.

    AMQP_URL=amqp://guest:guest@localhost/ celery --app celery_app worker --concurrency 4

The processes that Celery forks share the client that is made here: each makes its own connection.
"""
import os
from datetime import datetime, timezone

from celery import Celery
from voice_worker_client import NotConfirmed, VoiceClient

app = Celery(broker=os.environ["AMQP_URL"], backend="rpc://")
client = VoiceClient(os.environ["AMQP_URL"], timeout=0.3, default="ash")


@app.task
def voice_for(business_id, call_id):
    voice = client.voice_for(business_id, call_id)
    return {"voiceId": voice.voice_id, "source": voice.source, "reason": voice.reason}


@app.task(bind=True, max_retries=10, default_retry_delay=5)
def change_voice(self, business_id, voice_id, changed_by, changed_at=None):
    # Fixed before the first try: sent again, it is the same change.
    at = datetime.fromisoformat(changed_at) if changed_at else datetime.now(timezone.utc)
    try:
        change = client.change_voice(business_id, voice_id, changed_by, changed_at=at)
    except NotConfirmed as error:
        raise self.retry(exc=error, args=(business_id, voice_id, changed_by, at.isoformat()))
    return {"outcome": change.outcome, "reason": change.reason, "standingVoiceId": change.standing_voice_id}
