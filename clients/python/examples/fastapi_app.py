"""A FastAPI application that asks for the voice of each call.

    AMQP_URL=amqp://guest:guest@localhost/ uvicorn fastapi_app:app
"""
import contextlib
import os
import time

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from voice_worker_client import ContractError
from voice_worker_client.aio import VoiceClient


@contextlib.asynccontextmanager
async def lifespan(application):
    async with VoiceClient(os.environ["AMQP_URL"].split(","), timeout=0.3, default="ash") as client:
        client.connect()  # so that the first call does not wait for it
        application.state.voices = client
        yield


app = FastAPI()
app.router.lifespan_context = lifespan  # FastAPI(lifespan=lifespan) from 0.93 on


@app.post("/businesses/{business_id}/calls/{call_id}")
async def start_call(business_id: int, call_id: str, request: Request, response: Response):
    begin = time.monotonic()
    voice = await request.app.state.voices.voice_for(business_id, call_id)
    response.headers["Server-Timing"] = f"voice;dur={(time.monotonic() - begin) * 1000:.1f}"
    return {"voiceId": voice.voice_id, "source": voice.source, "reason": voice.reason}


@app.get("/counts")
async def counts(request: Request):
    now = request.app.state.voices.counts
    return {"answered": now.answered, "defaulted": now.defaulted, "late": now.late}


@app.exception_handler(ContractError)
async def broken(_request, error):
    rules = [{"field": field, "rule": rule} for field, rule in error.broken]
    return JSONResponse({"error": error.error, "broken": rules}, status_code=422)
