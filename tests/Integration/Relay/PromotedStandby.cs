using Npgsql;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Relay;

/// <summary>A primary, and a standby that has stopped following it: what is written after <see cref="SplitAsync"/> only
/// the primary has.</summary>
internal sealed class PromotedStandby : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-history-").FullName;
    private LegacyDatabase _database = null!;

    public LocalPostgres Primary { get; private set; } = null!;

    public LocalPostgres? Standby { get; private set; }

    /// <summary>The way of a worker to whichever is the primary.</summary>
    public string Hosts => new NpgsqlConnectionStringBuilder(_database.WorkerConnectionString)
    {
        Host = string.Join(',', new[] { Primary, Standby }.OfType<LocalPostgres>().Select(one => one.Address)),
        MaxPoolSize = 10,
    }.ConnectionString;

    public static async Task<PromotedStandby> CreateAsync()
    {
        var pair = new PromotedStandby();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(pair._folder, (UnixFileMode)0b111_101_101);
        pair.Primary = await pair.LaunchAsync("primary");
        pair._database = await LegacyDatabase.CreateMigratedAsync(pair.Primary);
        return pair;
    }

    /// <summary>Makes the standby of what the primary has now. No worker may be connected.</summary>
    public async Task SplitAsync()
    {
        await Primary.DisposeAsync();
        await Command.RunAsync(
            ["cp", "-a", Path.Combine(_folder, "primary"), Path.Combine(_folder, "standby")], Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "standby", "data", "standby.signal"), "", Token);
        Primary = await LaunchAsync("primary");
        Standby = await LaunchAsync("standby");
    }

    public Task KillPrimaryAsync() => Primary.KillAsync(Token);

    public Task PromoteAsync() => Standby!.ExecuteAsync("SELECT pg_promote()", Token);

    /// <summary>The first column of every row of the standby.</summary>
    public Task<IReadOnlyList<T>> ReadAsync<T>(string sql) => ReadAsync<T>(Standby!, sql);

    /// <summary>The same of either.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(LocalPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(On(server));
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<T>();
        while (await reader.ReadAsync(Token))
            rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }

    /// <summary>As the administrator.</summary>
    public string On(LocalPostgres server) => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Database = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database, Pooling = false,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        await Primary.DisposeAsync();
        if (Standby is not null)
            await Standby.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<LocalPostgres> LaunchAsync(string name) =>
        LocalPostgres.LaunchAsync(new ServerOptions { DataDirectory = Path.Combine(_folder, name) }, Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
