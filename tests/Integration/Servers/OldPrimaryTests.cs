using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>An old primary that has come back beside the one that was promoted in its place.</summary>
public sealed class OldPrimaryTests(TestServers servers)
{
    private const int Calls = 8;
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-timelines-").FullName;

    [Fact]
    public async Task Nothing_is_recorded_on_a_server_whose_history_has_ended()
    {
        var database = await PrepareAsync();
        await using var old = await LaunchAsync("old");
        await using var promoted = await LaunchAsync("promoted");
        await promoted.ExecuteAsync("SELECT pg_promote()", Token);
        await old.KillAsync(Token);
        var hosts = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString)
        {
            Host = $"{AddressOf(old)},{AddressOf(promoted)}", MaxPoolSize = 10,
        };
        await using var broker = await BrokerClient.ConnectAsync(servers.AmqpUri);
        await using var worker = WorkerLauncher.Start(
            RunningWorker.Connections(hosts.ConnectionString, servers), ["run", "--Replies:Deadline=00:00:20"]);
        await worker.WaitReadyAsync(Token);
        var audit = await broker.BindAsync(Exchanges.VoiceAudit);

        await old.StartAsync(Token);
        for (var n = 0; n < Calls; n++)
        {
            // Each new session asks the hosts in their order, and the old one answers first.
            await promoted.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'voice-worker%'",
                Token);
            await broker.AskAsync(Exchanges.CallStarted, Wire.Call($"CA-{n}", 1), $"{n}");
        }

        Assert.Equal(Calls, await CountAsync(promoted, database));
        Assert.Equal(0, await CountAsync(old, database));
        // A relay whose session ends between publishing and the checkpoint publishes again.
        var heard = new HashSet<string>(StringComparer.Ordinal);
        while (heard.Count < Calls)
        {
            var one = (await BrokerClient.TakeAsync(audit, 1))[0];
            if (one.Properties.Type == "CallVoiceResolved")
                heard.Add(one.Field("callId"));
        }
    }

    // Two servers with the same past.
    private async Task<LegacyDatabase> PrepareAsync()
    {
        LegacyDatabase database;
        await using (var server = await LaunchAsync("old"))
            database = await LegacyDatabase.CreateMigratedAsync(server);
        await Command.RunAsync(["cp", "-a", Path.Combine(_folder, "old"), Path.Combine(_folder, "promoted")], Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "promoted", "data", "standby.signal"), "", Token);
        return database;
    }

    private Task<LocalPostgres> LaunchAsync(string name)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        return LocalPostgres.LaunchAsync(new ServerOptions { DataDirectory = Path.Combine(_folder, name) }, Token);
    }

    private static async Task<long> CountAsync(LocalPostgres server, LegacyDatabase database)
    {
        var there = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database, Pooling = false,
        };
        await using var connection = new NpgsqlConnection(there.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM voice.call_voice", connection);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static string AddressOf(LocalPostgres server)
    {
        var given = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        return $"{given.Host}:{given.Port}";
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
