"""A Flask application that asks for the voice of each call.

    AMQP_URL=amqp://guest:guest@localhost/ gunicorn --config gunicorn.conf.py flask_app:app

With ``--worker-class gevent`` the same: nothing here is to be changed.
"""
import os
import time

from flask import Flask, jsonify
from voice_worker_client import ContractError, VoiceClient

# One for the program: it is made before gunicorn forks, and connects in each worker.
client = VoiceClient(os.environ["AMQP_URL"].split(","), timeout=0.3, default="ash")
app = Flask(__name__)


@app.post("/businesses/<int:business_id>/calls/<call_id>")
def start_call(business_id, call_id):
    begin = time.monotonic()
    voice = client.voice_for(business_id, call_id)
    response = jsonify(voiceId=voice.voice_id, source=voice.source, reason=voice.reason)
    response.headers["Server-Timing"] = f"voice;dur={(time.monotonic() - begin) * 1000:.1f}"
    return response


@app.get("/counts")
def counts():
    now = client.counts
    return jsonify(answered=now.answered, defaulted=now.defaulted, late=now.late)


@app.errorhandler(ContractError)
def broken(error):
    return jsonify(error=error.error, broken=[{"field": field, "rule": rule} for field, rule in error.broken]), 422
