using RabbitMQ.Client;
using VoiceWorker.Demo.Legacy;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo.Traffic;

/// <summary>The last act: the query works, and traffic gets its answers and its audit events.</summary>
internal sealed class TrafficAct : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly PlainClient _client;
    private readonly AuditTrail _audit;

    private TrafficAct(IConnection connection, PlainClient client, AuditTrail audit) =>
        (_connection, _client, _audit) = (connection, client, audit);

    /// <summary>The act on its own, with a worker that somebody else started.</summary>
    public static async Task<int> RunAsync(bool once, CancellationToken cancellationToken)
    {
        var url = WorkerHealth.Given()
            ?? throw new InvalidOperationException("VOICE_WORKER_URL is not set, such as http://127.0.0.1:8080");
        Screen.Title("2. The worker starts: it migrates the database, verifies it, then consumes");
        await WorkerHealth.WaitReadyAsync(url, cancellationToken);
        await using var postgres = await PostgresServer.FindAsync(new ServerOptions { Progress = Screen.Note }, cancellationToken);
        await using var rabbitMq = await RabbitMqServer.FindAsync(new ServerOptions { Progress = Screen.Note }, cancellationToken);
        await using var traffic = await OpenAsync(rabbitMq.AmqpUri, cancellationToken);
        var exitCode = await traffic.PlayAsync(new LegacyDatabase(postgres), cancellationToken);
        if (once || exitCode != 0)
            return exitCode;

        Screen.Title("5. Everything stays up until Ctrl-C; audit events are shown as they arrive");
        HowToSend.Show("docker compose exec demo dotnet VoiceWorker.Demo.dll");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    /// <summary>Connects; nothing is consumed yet.</summary>
    public static async Task<TrafficAct> OpenAsync(Uri broker, CancellationToken cancellationToken)
    {
        var connection = await Broker.ConnectAsync(broker, cancellationToken);
        try
        {
            return new TrafficAct(connection,
                await PlainClient.OpenAsync(connection, cancellationToken), await AuditTrail.OpenAsync(connection, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>0 when every answer and every event came as expected, else 1.</summary>
    public async Task<int> PlayAsync(LegacyDatabase database, CancellationToken cancellationToken)
    {
        var checklist = new Checklist();
        await ShowQueryAsync(database, checklist, cancellationToken);

        Screen.Title("4. Traffic from a plain AMQP client, and the audit events that it causes");
        Screen.Note("the legacy application has stored '' for business 3 and 'hal9000' for business 4");
        await database.WriteCarelesslyAsync(cancellationToken);
        await _audit.FollowAsync(cancellationToken);
        await new Scenario(_connection, _client, _audit, checklist, TimeProvider.System).PlayAsync(cancellationToken);
        return checklist.Conclude();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _audit.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task ShowQueryAsync(
        LegacyDatabase database, Checklist checklist, CancellationToken cancellationToken)
    {
        Screen.Title("3. The same query now works");
        var (columns, rows) = await database.LoadBusinessesAsync(cancellationToken);
        Screen.Table(columns, rows);
        checklist.Expect(rows.Count > 0 && rows.All(row => row[^1] == "ash"), "every business has the voice ash after the migration");
    }
}
