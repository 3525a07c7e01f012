using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Security;

/// <summary>TLS to both servers: the right certificate and nothing else.</summary>
[Collection(TlsServers.Name)]
public sealed class TlsTests(TlsServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Expired = TimeSpan.FromHours(-1);

    private LegacyDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await servers.CopyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task With_the_right_authority_a_call_gets_its_answer_and_its_event_over_TLS_alone()
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.RabbitMq.AmqpUri);
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, Environment(), ["run"]);
        await worker.WaitReadyAsync(Token);
        var audit = new AuditLog(await broker.BindAsync(Exchanges.VoiceAudit));

        // A neighbour of the collection leaves calls of business 1 behind that nobody has acknowledged.
        var reply = await broker.AskAsync(Exchanges.CallStarted, """{"callId":"CA-tls","businessId":2,"startedAt":"2026-01-31T09:30:00Z"}""");

        Assert.Equal("CA-tls", reply.Field("callId"));
        Assert.Equal("CA-tls", (await audit.OfBusinessAsync(2, 1))[0].Field("callId"));
        Assert.True(await _database.ScalarAsync<bool>(
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'voice-worker%'"));
    }

    [FullRun]
    [Fact]
    public async Task Authorities_that_are_not_trusted_are_refused()
    {
        const string reason = "its certificate was refused: it is not signed by an authority that is trusted here";

        await Task.WhenAll(
            AssertRefusedAsync(Environment(postgresAuthority: servers.StrangerFile), "PostgreSQL at localhost", reason),
            AssertRefusedAsync(Environment(rabbitAuthority: servers.StrangerFile), "RabbitMQ at localhost", reason),
            AssertRefusedAsync(Environment(rabbitAuthority: ""), "RabbitMQ at localhost", reason));
    }

    [FullRun]
    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        const string reason = "its certificate was refused: it is for another host (localhost)";
        var rabbitMq = Environment();
        rabbitMq["ConnectionStrings__RabbitMq"] = TlsServers.RabbitMqAt(servers.RabbitMq.TlsPort, "127.0.0.1");

        await Task.WhenAll(
            AssertRefusedAsync(Environment(host: "127.0.0.1"), "PostgreSQL at 127.0.0.1", reason),
            AssertRefusedAsync(rabbitMq, "RabbitMQ at 127.0.0.1", reason));
    }

    [FullRun]
    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        var launching = LocalPostgres.LaunchAsync(servers.Options(Expired), Token);
        await using var rabbitMq = await LocalRabbitMq.LaunchAsync(servers.Options(Expired), Token);
        await using var postgres = await launching;
        var (atPostgres, atRabbitMq) = (Environment(), Environment());
        atPostgres["ConnectionStrings__Postgres"] = new NpgsqlConnectionStringBuilder(atPostgres["ConnectionStrings__Postgres"])
        {
            Port = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Port,
        }.ConnectionString;
        atRabbitMq["ConnectionStrings__RabbitMq"] = TlsServers.RabbitMqAt(rabbitMq.TlsPort);

        await Task.WhenAll(
            AssertRefusedAsync(atPostgres, "PostgreSQL at localhost", "its certificate was refused: it is valid from "),
            AssertRefusedAsync(atRabbitMq, "RabbitMQ at localhost", "its certificate was refused: it is valid from "));
    }

    [FullRun]
    [Fact]
    public async Task The_wrong_kind_of_port_is_told_as_such()
    {
        var (plain, encrypted) = (Environment(rabbitAuthority: ""), Environment());
        plain["ConnectionStrings__RabbitMq"] = TlsServers.RabbitMqAt(servers.RabbitMq.TlsPort).Replace("amqps:", "amqp:", StringComparison.Ordinal);
        encrypted["ConnectionStrings__RabbitMq"] = TlsServers.RabbitMqAt(servers.RabbitMq.AmqpUri.Port);

        await Task.WhenAll(
            AssertRefusedAsync(plain, "RabbitMQ at localhost", "a port for TLS needs amqps://"),
            AssertRefusedAsync(encrypted, "RabbitMQ at localhost", "amqps:// needs a port for TLS"));
    }

    private Dictionary<string, string> Environment(
        string host = "localhost", string? postgresAuthority = null, string? rabbitAuthority = null) =>
        servers.Environment(_database.WorkerConnectionString, host, postgresAuthority, rabbitAuthority);

    private static async Task AssertRefusedAsync(Dictionary<string, string> environment, string server, string reason)
    {
        await using var worker = WorkerProcess.Start(WorkerProcess.Dll, environment, ["run"]);
        var code = await worker.WaitForExitAsync(Token);

        var output = string.Join('\n', worker.Output);
        Assert.True(code == 7, $"{code}: {output}");
        Assert.True(worker.Output.Any(line => line.Contains(server, StringComparison.Ordinal) && line.Contains("does not answer: ", StringComparison.Ordinal)
                && line.Contains(reason, StringComparison.Ordinal)), output);
        Assert.False(output.Contains("   at ", StringComparison.Ordinal), output);
        Assert.DoesNotContain(TlsServers.Password, output, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
