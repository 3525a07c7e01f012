using System.Runtime.InteropServices;
using VoiceWorker.Bench.Baseline;

// The practical limit: what a hand-written loop makes of this machine, without a framework and without an audit store.
using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
var settings = BaselineSettings.FromEnvironment();
await Tables.CreateAsync(settings.Postgres, stop.Token);
await using var broker = await BaselineBroker.OpenAsync(settings, stop.Token);
await using var relay = await Relay.OpenAsync(settings, broker, stop.Token);
await using var loop = await CallLoop.OpenAsync(settings, broker, relay, stop.Token);
try
{
    await await Task.WhenAny(relay.RunAsync(stop.Token), loop.RunAsync(stop.Token));
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
}
