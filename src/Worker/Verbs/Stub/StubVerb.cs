using RabbitMQ.Client;
using VoiceWorker.Boot;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Stub;

/// <summary><c>stub</c>: the worker's queues, readers, replies and policies, with a table in the place of PostgreSQL;
/// nothing is recorded, and no audit event is published.</summary>
internal static class StubVerb
{
    private const string Duty = "voice-worker stub";

    /// <summary>Answers until it is interrupted.</summary>
    public static async Task<int> RunAsync(string[] settings, StubTable table, TimeSpan delay, bool isSilent)
    {
        using var interruption = new Interruption();
        await using var stub = Build(settings, table, new StubManner(delay, isSilent));
        Tools.ValidateSettings(stub.Services);
        var bus = stub.Services.GetRequiredService<InputBus>();
        try
        {
            await PrepareAsync(stub.Services, interruption.Token);
            await bus.StartAsync(interruption.Token);
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }

        Console.WriteLine($"The stub answers: {table}. Ctrl-C ends it.");
        await Task.Delay(Timeout.InfiniteTimeSpan, interruption.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await bus.StopAsync();
        return ExitCode.Ok;
    }

    private static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(
            services.GetRequiredService<ServerWait>(), cancellationToken);
        await services.GetRequiredService<InputTopology>().DeclareAsync(connection, cancellationToken);
        await EnsureAloneAsync(connection, cancellationToken);
    }

    // It is often started together with RabbitMQ.
    private static async Task<IConnection> ConnectAsync(ServerWait wait, CancellationToken cancellationToken)
    {
        try
        {
            return await wait.ForRabbitMqAsync(Duty, TimeSpan.Zero, cancellationToken);
        }
        catch (ServerUnreachableException away) when (away.Kind is FailureKind.Outage)
        {
            await Console.Error.WriteLineAsync($"{away.Message}; it is waited for, at most a minute.");
        }

        return await wait.ForRabbitMqAsync(Duty, TimeSpan.FromMinutes(1), cancellationToken);
    }

    private static WebApplication Build(string[] settings, StubTable table, StubManner manner)
    {
        var builder = WorkerHost.CreateTools([Tools.QuietLog, .. settings], isPostgresOptional: true);
        builder.AddLogToStandardError();
        builder.Services.AddSingleton(table).AddSingleton(manner);
        builder.Services.AddBus();
        builder.Services
            .AddInput<CallStarted, StubCalls>(
                InputQueue.CallStarted, ContractsJson.Default.CallStarted, EnvelopeJson.Default.EnvelopeCallStarted)
            .AddInput<BusinessVoiceChanged, StubChanges>(
                InputQueue.BusinessVoiceChanged, ContractsJson.Default.BusinessVoiceChanged,
                EnvelopeJson.Default.EnvelopeBusinessVoiceChanged);
        return builder.Build();
    }

    // It would take calls from a worker, and nobody would have them recorded.
    private static async Task EnsureAloneAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var queue in InputQueue.All)
        {
            if ((await channel.QueueDeclarePassiveAsync(queue.Name, cancellationToken)).ConsumerCount > 0)
            {
                throw new SettingsException($"{queue.Name} is consumed already, by a worker or another stub: "
                    + "this one would take its messages, and record nothing.");
            }
        }
    }
}
