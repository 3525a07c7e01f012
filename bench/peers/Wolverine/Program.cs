using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using VoiceWorker.Bench.Peers.Wolverine;
using Wolverine;
using Wolverine.Marten;

// The same work as bench/Baseline does, by a framework with an inbox and an outbox of its own.
var postgres = new NpgsqlConnectionStringBuilder(Setting("ConnectionStrings__Postgres"))
{
    // As the baseline: every statement is prepared. Enough connections for all that runs at once.
    MaxAutoPrepare = 50, AutoPrepareMinUsages = 1, MaxPoolSize = 60, NoResetOnClose = true, Enlist = false,
}.ConnectionString;
await CallVoiceTable.CreateAsync(postgres);
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddMarten(marten =>
{
    marten.Connection(postgres);
    marten.DisableNpgsqlLogging = true;
}).UseLightweightSessions().IntegrateWithWolverine(storage => storage.MessageStorageSchemaName = "wolverine");
builder.UseWolverine(options => options.Tune(
    new Uri(Setting("ConnectionStrings__RabbitMq")), Setting("BENCH_QUEUE"), Setting("BENCH_AUDIT_QUEUE"),
    Setting("BENCH_QUEUE_TYPE")));
await builder.Build().RunAsync();

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");
