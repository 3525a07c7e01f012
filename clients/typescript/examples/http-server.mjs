// A server that asks for the voice of each call:
//
//     AMQP_URL=amqp://guest:guest@localhost/ node http-server.mjs
//     curl -X POST localhost:8080/businesses/42/calls/CA-4711
import { createServer } from 'node:http';
import { ContractError, VoiceClient } from 'voice-worker-client';

// One for the program; several nodes are separated by a comma.
const client = new VoiceClient(process.env.AMQP_URL.split(','), { timeoutMs: 300, default: 'ash', logger: console });
client.connect();

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [500, { error: String(error) }]);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function answer({ method, url }) {
  const call = /^\/businesses\/(\d+)\/calls\/([^/]+)$/.exec(url);
  if (method === 'POST' && call) return voiceOf(Number(call[1]), decodeURIComponent(call[2]));
  if (method === 'GET' && url === '/counts') return [200, client.counts];
  return [404, { error: 'there is no such page' }];
}

async function voiceOf(businessId, callId) {
  try {
    const { voiceId, source, reason } = await client.voiceFor({ businessId, callId });
    return [200, { voiceId, source, reason }];
  } catch (error) {
    if (error instanceof ContractError) return [422, { error: error.error, broken: error.broken }];
    throw error;
  }
}

server.listen(Number(process.env.PORT ?? 8080));
process.once('SIGTERM', () => server.close(() => client.close()));
