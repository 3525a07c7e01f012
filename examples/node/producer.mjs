// Starts calls and changes voices.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const USAGE = `
node producer.mjs call BUSINESS_ID [TIMES]      prints each answer: the voice to speak with, and why
node producer.mjs voice BUSINESS_ID VOICE_ID    gives a business another voice
`;
const PATIENCE = 60_000; // ms for all answers
const REPLIES = 'amq.rabbitmq.reply-to';

const [verb, businessId, argument] = process.argv.slice(2);
const action = { call: startCalls, voice: changeVoice }[verb];
if (!action || !businessId || (verb === 'voice' && !argument)) {
  console.error(USAGE.trim());
  process.exit(2);
}

const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://localhost');
const channel = await connection.createConfirmChannel();
channel.on('return', () => fail('no queue takes it: is the worker installed?'));
await action(Number(businessId), argument);
await connection.close();

async function startCalls(business, times = 1) {
  const waiting = new Set();
  const answered = new Promise((resolve) => {
    channel.consume(REPLIES, (answer) => {
      console.log(answer.content.toString());
      waiting.delete(answer.properties.correlationId);
      if (waiting.size === 0) resolve();
    }, { noAck: true });
  });
  const calls = Array.from({ length: Number(times) }, () => `CA-${randomUUID()}`);
  calls.forEach((callId) => waiting.add(callId));
  for (const callId of calls) {
    const call = { callId, businessId: business, startedAt: new Date() };
    publish('call-started', call, { replyTo: REPLIES, correlationId: callId });
  }
  await channel.waitForConfirms();
  const late = () => fail(`${waiting.size} calls have no answer: queued, or in the error queue if they break the contract`);
  const patience = setTimeout(late, PATIENCE);
  await answered;
  clearTimeout(patience);
}

async function changeVoice(business, voiceId) {
  const change = { businessId: business, voiceId, changedAt: new Date(), changedBy: 'producer.mjs' };
  publish('business-voice-changed', change);
  await channel.waitForConfirms(); // returns when RabbitMQ has it, or throws
}

function publish(exchange, message, properties = {}) {
  const options = { contentType: 'application/json', persistent: true, mandatory: true, ...properties };
  channel.publish(exchange, '', Buffer.from(JSON.stringify(message)), options);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
