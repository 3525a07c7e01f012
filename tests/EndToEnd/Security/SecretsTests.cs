using System.Text;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Security;

/// <summary>Whatever fails, at whatever log level: no password and no value of a message is written anywhere but where
/// it belongs.</summary>
[Collection(TlsServers.Name)]
[FullRun]
public sealed class SecretsTests(TlsServers servers) : IAsyncLifetime
{
    private const string Value = "VALUE-c7a1";
    private readonly List<string> _told = [];
    private LegacyDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await servers.CopyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task No_password_and_no_value_of_a_message_is_told_at_Debug_whatever_fails()
    {
        await AssertWrongPasswordsAsync();
        await using var broker = await BrokerClient.ConnectAsync(servers.RabbitMq.AmqpUri);
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, Environment(), ["run", "--Boot:Timeout=00:01:00"]);
        await worker.WaitReadyAsync(Token);

        await PoisonAsync(broker, worker);
        await LoseRightsAsync(broker, worker);
        await LoseServersAsync(worker);
        Assert.Equal(0, await worker.TerminateAsync(Token));

        _told.AddRange(worker.Output);
        Assert.Contains(_told, line => line.Contains("\"level\":\"Debug\"", StringComparison.Ordinal)
            && line.Contains("\"category\":\"MassTransit", StringComparison.Ordinal));
        Assert.Contains(_told, line => line.Contains("R-FAULT", StringComparison.Ordinal));
        Assert.Contains(_told, line => line.Contains("Moved a message of ", StringComparison.Ordinal));
        Assert.Contains(_told, line => line.Contains("voice-worker.call-started is not consumed: ", StringComparison.Ordinal));
        Assert.Contains(_told, line => line.StartsWith("MT-Fault-Message: ", StringComparison.Ordinal) && line.Contains("23514", StringComparison.Ordinal));
        Assert.DoesNotContain(_told, Reveals);
    }

    private async Task AssertWrongPasswordsAsync()
    {
        var (postgres, rabbitMq) = (Environment(), Environment());
        postgres["ConnectionStrings__Postgres"] = postgres["ConnectionStrings__Postgres"].Replace(TlsServers.Password, $"{TlsServers.Password}!", StringComparison.Ordinal);
        rabbitMq["ConnectionStrings__RabbitMq"] = rabbitMq["ConnectionStrings__RabbitMq"].Replace(TlsServers.Password, $"{TlsServers.Password}!", StringComparison.Ordinal);
        foreach (var told in await Task.WhenAll(RefusedAsync(postgres), RefusedAsync(rabbitMq)))
            _told.AddRange(told);
    }

    private static async Task<IReadOnlyList<string>> RefusedAsync(Dictionary<string, string> environment)
    {
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, ["run"]);
        Assert.Equal(2, await worker.WaitForExitAsync(Token));
        return worker.Output;
    }

    // Messages that break their contract, and one that the database refuses with the row in its DETAIL.
    private async Task PoisonAsync(BrokerClient broker, WorkerProcess worker)
    {
        string[] poison =
        [
            Value, $$"""{"{{Value}}":"{{Value}}"}""", $$"""{"callId":" {{Value}}","businessId":"{{Value}}","startedAt":"{{Value}}"}""",
            $$"""{"callId":"{{Value}}\u0000","businessId":0,"startedAt":"2026-01-31T09:30:00Z","{{Value}}":1}""",
            $$"""{"callId":"{{Value}}-refused","businessId":1,"startedAt":"2026-01-31T09:30:00Z"}""",
        ];
        await _database.ExecuteAsync("ALTER TABLE voice.call_voice ADD CONSTRAINT refused CHECK (call_id NOT LIKE '%-refused')");
        foreach (var json in poison)
            await PublishAsync(broker, Exchanges.CallStarted, json);
        await PublishAsync(broker, Exchanges.BusinessVoiceChanged, $$"""{"businessId":1,"voiceId":"coral","changedAt":"{{Value}}","changedBy":"{{Value}}"}""");
        await PublishAsync(broker, Exchanges.BusinessVoiceChanged, $$"""{"businessId":1,"voiceId":"{{Value}}","changedAt":"2026-01-31T09:30:00Z","changedBy":"{{Value}}"}""");
        foreach (var dead in await broker.TakeOfAsync("voice-worker.call-started_error", poison.Length))
            Note(dead);
        Note(await broker.NextOfAsync("voice-worker.business-voice-changed_error"));
        await _database.ExecuteAsync("ALTER TABLE voice.call_voice DROP CONSTRAINT refused");
        await NoteHealthAsync(worker);
    }

    // The statement itself fails, again and again, until the table is back; the answer comes in time all the same.
    private async Task LoseRightsAsync(BrokerClient broker, WorkerProcess worker)
    {
        await _database.ExecuteAsync("ALTER TABLE voice.call_voice RENAME TO hidden");
        var reply = await broker.AskAsync(Exchanges.CallStarted, $$"""{"callId":"{{Value}}","businessId":1,"startedAt":"2026-01-31T09:30:00Z"}""");
        Assert.Equal(Value, reply.Field("callId"));
        await _database.ExecuteAsync("ALTER TABLE voice.hidden RENAME TO call_voice");
        await NoteHealthAsync(worker);
    }

    private async Task LoseServersAsync(WorkerProcess worker)
    {
        NpgsqlConnection.ClearAllPools();
        try
        {
            await servers.Postgres.KillAsync(Token);
            await NoteHealthAsync(worker);
            await servers.RabbitMq.KillAsync(Token);
            await SaysAsync(worker, "\"category\":\"MassTransit");
            await SaysAsync(worker, "The relay lost its round");
            await NoteHealthAsync(worker);
        }
        finally
        {
            // The neighbours need them, whatever became of this test.
            await Task.WhenAll(
                servers.Postgres.StartAsync(CancellationToken.None), servers.RabbitMq.StartAsync(CancellationToken.None));
        }

        await worker.WaitReadyAsync(Token);
        await SaysAsync(worker, "voice-worker.call-started is consumed again");
        await NoteHealthAsync(worker);
    }

    private static async Task SaysAsync(WorkerProcess worker, string text) => Assert.True(
        await Polling.UntilAsync(
            _ => Task.FromResult(worker.Output.Any(line => line.Contains(text, StringComparison.Ordinal))), Waits.Longest, Token),
        string.Join('\n', worker.Output.TakeLast(50)));

    private Dictionary<string, string> Environment()
    {
        var environment = servers.Environment(_database.WorkerConnectionString);
        foreach (var category in new[] { "Default", "Microsoft", "Microsoft.Hosting.Lifetime", "Microsoft.Extensions.Diagnostics.HealthChecks", "MassTransit", "MassTransit.ReceiveTransport", "Npgsql" })
            environment[$"Logging__LogLevel__{category}"] = "Debug";
        return environment;
    }

    private static Task PublishAsync(BrokerClient broker, string exchange, string json) => broker.PublishAsync(
        exchange, Encoding.UTF8.GetBytes(json), new BasicProperties { Headers = new Dictionary<string, object?> { ["x-tag"] = Value } });

    // Its own headers come with the message; those of the worker say why it is there.
    private void Note(Delivery dead) => _told.AddRange(
        dead.Properties.Headers!.Where(header => header.Key != "x-tag").Select(header => $"{header.Key}: {dead.Header(header.Key)}"));

    private async Task<string> NoteHealthAsync(WorkerProcess worker)
    {
        using var http = new HttpClient { BaseAddress = worker.Http };
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        _told.Add(text);
        return text;
    }

    private static bool Reveals(string line) =>
        line.Contains(Value, StringComparison.OrdinalIgnoreCase) || line.Contains(TlsServers.Password, StringComparison.OrdinalIgnoreCase);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
