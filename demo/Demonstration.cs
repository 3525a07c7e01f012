using VoiceWorker.Example;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>The acts: broken database, worker, query, traffic, and what somebody can try then.</summary>
internal static class Demonstration
{
    private static readonly ServerOptions Options = new()
    {
        DataDirectory = Path.GetFullPath(".local"), Progress = Screen.Note,
    };

    /// <summary>All acts; without the first where somebody else starts the worker.</summary>
    public static async Task<int> RunAsync(bool fresh, bool once, CancellationToken cancellationToken)
    {
        Screen.Title("0. PostgreSQL and RabbitMQ");
        Screen.Note("waiting for both; the first start creates their data in .local/");
        await using var servers = await ServerPair.FindAsync(Options, cancellationToken);
        var database = new LegacyDatabase(servers.Postgres);
        if (Worker.Given is null)
            await ShowBrokenAsync(database, fresh, cancellationToken);
        await using var audit = await AuditTrail.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);

        Screen.Title("2. The worker starts: it migrates the database, verifies it, then consumes");
        await using var worker = new Worker(servers, database);
        await worker.StartAsync(cancellationToken);
        var exitCode = await SendTrafficAsync(servers.RabbitMq, database, worker, audit, cancellationToken);
        if (once || exitCode != 0)
            return exitCode;

        using var shell = Worker.Given is null ? new ShellFile(servers, database) : null;
        Screen.Title("5. Everything stays up until Ctrl-C; audit events are shown as they arrive");
        ShowHints(worker);
        return await worker.StayUpAsync(cancellationToken);
    }

    /// <summary>The first act alone, before a worker is there.</summary>
    public static async Task<int> LegacyAsync(bool fresh, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.FindAsync(Options, cancellationToken);
        await ShowBrokenAsync(new LegacyDatabase(postgres), fresh, cancellationToken);
        return 0;
    }

    private static async Task ShowBrokenAsync(LegacyDatabase database, bool fresh, CancellationToken cancellationToken)
    {
        Screen.Title("1. The legacy database: the application's model has business.voice_id, the table has not");
        if (await database.CreateAsync(fresh, cancellationToken))
            Screen.Note("it is that of an earlier run, migrated since; --fresh begins with the broken one");
        else
            await database.ShowFailureAsync(cancellationToken);
    }

    private static async Task<int> SendTrafficAsync(
        RabbitMqServer broker, LegacyDatabase database, Worker worker, AuditTrail audit, CancellationToken token)
    {
        Screen.Title("3. The same query now works");
        await database.ShowBusinessesAsync(token);
        Screen.Title("4. Traffic from the .NET kit of examples/, and the audit events that it causes");
        if (await database.HasHistoryAsync(token))
            Screen.Note($"from earlier runs: {await worker.RunAsync(AuditTrail.Replay, token)}");
        Screen.Note("the legacy application stores '' for business 3 and 'hal9000' for business 4");
        await database.WriteCarelesslyAsync(token);
        audit.Show();
        await using var producer = await Producer.ConnectAsync(broker.AmqpUri);
        return await new Scenario(broker, database, producer, worker, audit).PlayAsync(token);
    }

    private static void ShowHints(Worker running)
    {
        var (worker, kit) = ("voice-worker", "voice-kit");
        if (Worker.Given is not null)
            (worker, kit) = ("dotnet VoiceWorker.dll", "dotnet kit/VoiceWorker.Example.dll");
        Screen.Line("console", running.ConsoleLink is { } link ? $"{link}   # good for one sign-in"
            : "docker compose logs worker | grep Console:   # the address, good for one sign-in");
        Screen.Line("health", $"{running.Http}health/ready");
        Screen.Line("shell", Worker.Given is null
            ? $". {ShellFile.Name}   # in another terminal, in this directory; then these, or psql"
            : "docker compose exec demo bash   # then");
        Screen.Line("verbs", $"{worker} status   # or doctor, audit list, audit show --business 2, audit verify");
        Screen.Line("", $"{worker} dead-letters list   # the broken message waits there: show, replay or discard it");
        Screen.Line("kit", $"{kit} call 2   # or: {kit} voice 2 marin");
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        Screen.Line("json", "or any AMQP client, plain JSON, no headers needed; call-started is answered to reply_to");
        Screen.Line("", "exchange call-started            "
            + $$"""{"callId":"my-call-1","businessId":2,"startedAt":"{{now}}"}""");
        Screen.Line("", "exchange business-voice-changed  "
            + $$"""{"businessId":2,"voiceId":"marin","changedAt":"{{now}}","changedBy":"me"}""");
    }
}
