using System.Runtime.InteropServices;
using RabbitMQ.Client;
using VoiceWorker.Bench.Baseline;
using VoiceWorker.Contracts;

// The practical limit: what a hand-written loop makes of this machine, without a framework and without an audit store.
using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
var (postgres, queue) = (Setting("ConnectionStrings__Postgres"), Setting("BENCH_QUEUE"));
var factory = new ConnectionFactory
{
    Uri = new Uri(Setting("ConnectionStrings__RabbitMq")), AutomaticRecoveryEnabled = false,
};
await Tables.CreateAsync(postgres, stop.Token);
// A connection each for consuming and for publishing, so that neither waits for the other's bytes.
await using var consuming = await factory.CreateConnectionAsync("baseline in", stop.Token);
await using var publishing = await factory.CreateConnectionAsync("baseline out", stop.Token);
var input = await consuming.CreateChannelAsync(cancellationToken: stop.Token);
var confirmed = new CreateChannelOptions(
    publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
var output = await publishing.CreateChannelAsync(confirmed, stop.Token);
await DeclareAsync(Exchanges.CallStarted, queue);
await DeclareAsync(Exchanges.CallVoiceResolved, Setting("BENCH_AUDIT_QUEUE"));
await using var outbox = await Tables.OpenAsync(postgres, stop.Token);
await using var inbox = await Tables.OpenAsync(postgres, stop.Token);
using var relay = new Relay(output, outbox);
await using var statement = new CallStatement(inbox);
try
{
    await await Task.WhenAny(
        relay.RunAsync(stop.Token), new CallLoop(queue, input, relay, statement).RunAsync(stop.Token));
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
}

async Task DeclareAsync(string exchange, string name)
{
    var arguments = new Dictionary<string, object?> { ["x-queue-type"] = Setting("BENCH_QUEUE_TYPE") };
    await input.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: stop.Token);
    await input.QueueDeclareAsync(
        name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: stop.Token);
    await input.QueueBindAsync(name, exchange, "", cancellationToken: stop.Token);
}

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");
