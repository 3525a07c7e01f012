using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>All at once that the real application's database has and a laboratory's has not.</summary>
public sealed class ManagedDatabaseTests(TestServers servers)
{
    private const int Businesses = 20_000;

    [Theory]
    [FullRunData("")]
    [FullRunData("ALTER TABLE business ADD voice_id varchar(64)")]
    [FullRunData(
        "ALTER TABLE business ADD voice_id text; UPDATE business SET voice_id = 'sage' WHERE id % 2 = 0")]
    public async Task The_application_alters_and_reads_while_its_owner_migrates(string before)
    {
        await using var managed = await ManagedDatabase.CreateAsync(servers.PostgresItself, Businesses);
        await managed.Database.ExecuteAsync(before + ";");
        await managed.ApplyRolesAsync();
        using var migrated = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var alters = AlterAsync(managed, migrated.Token);
        var reads = ReadAsync(managed, migrated.Token);

        var (code, output) = await DatabaseVerb.RunAsync(managed.Owner, "migrate");
        await migrated.CancelAsync();

        Assert.True(code == 0, output);
        Assert.NotEqual(0, await alters);
        Assert.NotEqual(0, await reads);
        await managed.ApplyRolesAsync();
        Assert.Equal(VoiceIdColumn.Target, await VoiceIdColumn.EndStateAsync(managed.Database));
        Assert.Equal(0, (await DatabaseVerb.RunAsync(managed.Worker, "verify")).Code);
        await AssertServesAsync(managed);
    }

    // As its worker's role, behind the pooler and under row security.
    private async Task AssertServesAsync(ManagedDatabase managed)
    {
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var worker = WorkerLauncher.Start(RunningWorker.Connections(managed.Worker, servers), ["run"]);
        await worker.WaitReadyAsync(Token);

        var change = await broker.AskAsync(
            Exchanges.BusinessVoiceChanged,
            """{"businessId":7,"voiceId":"coral","changedAt":"2026-01-31T12:00:00Z"}""");
        var call = await broker.AskAsync(Exchanges.CallStarted, Wire.Call("CA-1", 7));

        Assert.Equal("updated", change.Field("outcome"));
        Assert.Equal("coral", call.Field("voiceId"));
    }

    // How often it altered its table: each time at once, whatever the migration waits for.
    private static async Task<int> AlterAsync(ManagedDatabase managed, CancellationToken migrated)
    {
        await using var session = await managed.OpenAsync();
        var altered = 0;
        for (; !migrated.IsCancellationRequested; altered++)
        {
            await session.ExecuteAsync($"SET lock_timeout = '2s'; ALTER TABLE business ADD note_{altered} text", Token);
            await session.ExecuteAsync($"ALTER TABLE business DROP note_{altered}", Token);
        }

        return altered;
    }

    private static async Task<int> ReadAsync(ManagedDatabase managed, CancellationToken migrated)
    {
        await using var session = await managed.OpenAsync();
        var read = 0;
        for (; !migrated.IsCancellationRequested; read++)
            await session.ExecuteAsync("SET lock_timeout = '2s'; SELECT * FROM business LIMIT 10", Token);
        return read;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
