using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>The acts: broken database, worker, query, traffic, and what somebody can try then.</summary>
internal static class Demonstration
{
    private const string WorkerTitle = "2. The worker starts: it migrates the database, verifies it, then consumes";
    private const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly ServerOptions Options = new() { DataDirectory = Path.GetFullPath(".local"), Progress = Screen.Note };

    /// <summary>All of it on this machine.</summary>
    public static async Task<int> RunAsync(bool fresh, bool once, CancellationToken cancellationToken)
    {
        Screen.Title("0. PostgreSQL and RabbitMQ");
        Screen.Note("waiting for both; the first start creates their data in .local/");
        await using var servers = await ServerPair.FindAsync(Options, cancellationToken);
        var database = new LegacyDatabase(servers.Postgres);
        await ShowBrokenAsync(database, fresh, cancellationToken);
        await using var audit = await AuditTrail.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);

        Screen.Title(WorkerTitle);
        await using var worker = new Worker(servers, database);
        await worker.StartAsync(cancellationToken);
        var exitCode = await SendTrafficAsync(servers, database, worker, audit, cancellationToken);
        if (once || exitCode != 0)
            return exitCode;

        using var shell = new ShellFile(servers, database);
        ShowHints("voice-worker", "voice-kit", "psql", $". {ShellFile.Name}   # in another terminal, in this directory; then");
        Screen.Line("health", $"{worker.Http}health/ready");
        return await worker.StayUpAsync(cancellationToken);
    }

    /// <summary>The first act alone, before a worker is there.</summary>
    public static async Task<int> LegacyAsync(bool fresh, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.FindAsync(Options, cancellationToken);
        await ShowBrokenAsync(new LegacyDatabase(postgres), fresh, cancellationToken);
        return 0;
    }

    /// <summary>The others, with a worker that somebody else starts.</summary>
    public static async Task<int> TrafficAsync(bool once, CancellationToken cancellationToken)
    {
        var url = Environment.GetEnvironmentVariable("VOICE_WORKER_URL")
            ?? throw new InvalidOperationException("VOICE_WORKER_URL is not set, such as http://127.0.0.1:8080");
        await using var servers = await ServerPair.FindAsync(Options, cancellationToken);
        var database = new LegacyDatabase(servers.Postgres);
        await using var audit = await AuditTrail.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        Screen.Title(WorkerTitle);
        Screen.Note($"waiting until {url}/health/ready answers 200");
        if (!await Polling.UntilAsync(token => WorkerProcess.IsReadyAsync(new Uri(url), token), Patience, cancellationToken))
            throw new InvalidOperationException($"The worker was not ready within {Patience}");
        await using var verbs = new Worker(servers, database);
        var exitCode = await SendTrafficAsync(servers, database, verbs, audit, cancellationToken);
        if (once || exitCode != 0)
            return exitCode;

        ShowHints("dotnet VoiceWorker.dll", "dotnet kit/VoiceWorker.Example.dll", $"psql -h postgres -U postgres {LegacyDatabase.Name}",
            "docker compose exec …   # worker, demo or postgres, each with what it has");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task ShowBrokenAsync(LegacyDatabase database, bool fresh, CancellationToken cancellationToken)
    {
        Screen.Title("1. The legacy database: the application's model has business.voice_id, the table has not");
        if (await database.CreateAsync(fresh, cancellationToken))
            Screen.Note($"{LegacyDatabase.Name} is that of an earlier run, migrated since; --fresh begins with the broken one");
        else
            await database.ShowFailureAsync(cancellationToken);
    }

    private static async Task<int> SendTrafficAsync(
        ServerPair servers, LegacyDatabase database, Worker worker, AuditTrail audit, CancellationToken cancellationToken)
    {
        Screen.Title("3. The same query now works");
        await database.ShowBusinessesAsync(cancellationToken);
        Screen.Title("4. Traffic from the .NET kit of examples/, and the audit events that it causes");
        if (await database.HasHistoryAsync(cancellationToken))
            Screen.Note($"audit replay of what earlier runs recorded: {await worker.RunAsync(AuditTrail.Replay, cancellationToken)}");
        Screen.Note("the legacy application stores '' for business 3 and 'hal9000' for business 4");
        await database.WriteCarelesslyAsync(cancellationToken);
        audit.Show();
        return await new Scenario(servers.RabbitMq.AmqpUri, database, worker, audit).PlayAsync(cancellationToken);
    }

    private static void ShowHints(string worker, string kit, string psql, string how)
    {
        Screen.Title("5. Everything stays up until Ctrl-C; audit events are shown as they arrive");
        Screen.Line("shell", how);
        Screen.Line("verbs", $"{worker} status   # or doctor, audit list, audit show --business 2, audit verify");
        Screen.Line("", $"{worker} dead-letters list   # the broken message waits there: show, replay or discard it");
        Screen.Line("kit", $"{kit} call 2   # {kit} voice 2 marin");
        Screen.Line("psql", psql);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString(Rfc3339, null);
        Screen.Line("json", "or any AMQP client, plain JSON, no headers needed; call-started is answered to reply_to");
        Screen.Line("", $$"""exchange call-started            {"callId":"my-call-1","businessId":2,"startedAt":"{{now}}"}""");
        Screen.Line("", $$"""exchange business-voice-changed  {"businessId":2,"voiceId":"marin","changedAt":"{{now}}","changedBy":"me"}""");
    }
}
