using Npgsql;
using VoiceWorker.Infrastructure.Network;

namespace VoiceWorker.Tests.Integration;

/// <summary>A worker whose database can stand still: connections stay open and nothing is answered.</summary>
public sealed class FrozenDatabase : IAsyncDisposable
{
    private readonly FaultProxy _toPostgres;

    private FrozenDatabase(FaultProxy toPostgres, RunningWorker worker) => (_toPostgres, Worker) = (toPostgres, worker);

    public RunningWorker Worker { get; }

    /// <summary>A ready worker; the database answers.</summary>
    public static async Task<FrozenDatabase> CreateAsync(TestServers servers, params string[] settings)
    {
        var database = await servers.Migrated.CopyAsync(businesses: 100);
        var direct = new NpgsqlConnectionStringBuilder(database.WorkerConnectionString);
        var toPostgres = new FaultProxy(direct.Host!, direct.Port);
        var route = new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Host = "127.0.0.1", Port = toPostgres.Port };
        return new FrozenDatabase(toPostgres, await RunningWorker.StartProcessAsync(servers, database, route.ConnectionString, settings));
    }

    /// <summary>From now on the database says nothing; <see cref="Hold.Release"/> lets it go on.</summary>
    public Hold Freeze() => _toPostgres.HoldBack("the database says something", Side.Server);

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _toPostgres.DisposeAsync();
    }
}
