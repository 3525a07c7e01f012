"""The driver of voice_worker_client.aio.VoiceClient: clients/conformance/README.md."""
from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from typing import Any

from commands import answer, arguments_of_call, arguments_of_change, of_change, of_error, of_voice, write
from voice_worker_client.aio import VoiceClient


async def carry_out(client: VoiceClient, command: dict[str, Any]) -> None:
    begin = time.monotonic()
    try:
        if command["do"] == "voiceFor":
            said = of_voice(await client.voice_for(**arguments_of_call(command)))
        else:
            said = of_change(await client.change_voice(**arguments_of_change(command)))
    except Exception as error:
        said = of_error(error)
    answer(command, begin, said)


async def main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with VoiceClient(os.environ["AMQP_URLS"].split()) as client:
        running: set[asyncio.Task[None]] = set()
        async for line in lines:
            command = json.loads(line)
            if command["do"] == "counts":
                counts = client.counts
                write({
                    "id": command["id"], "answered": counts.answered, "defaulted": counts.defaulted,
                    "late": counts.late})
            else:
                task = loop.create_task(carry_out(client, command))
                running.add(task)
                task.add_done_callback(running.discard)
        await asyncio.gather(*running)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main())
