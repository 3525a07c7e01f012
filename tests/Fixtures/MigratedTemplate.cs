using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>A database that is migrated once a run and copied for each test. Migrating it is docs/roles.sql, step by step;
/// tests of the migration itself begin with a <see cref="LegacyDatabase"/>.</summary>
public sealed class MigratedTemplate : IAsyncDisposable
{
    private readonly Lazy<Task<LegacyDatabase>> _original;

    /// <summary>Makes it when the first copy is asked for.</summary>
    public MigratedTemplate(PostgresServer server) =>
        _original = new(() => LegacyDatabase.CreateMigratedAsync(server, businesses: 0));

    /// <summary>A copy with so many businesses, ids 1, 2, 3 …, migrated just now.</summary>
    public async Task<LegacyDatabase> CopyAsync(int businesses = 3)
    {
        var copy = await (await _original.Value).CopyAsync(businesses);
        // How long an event has been waiting is looked at.
        await copy.ExecuteAsync("UPDATE voice.outbox SET created_at = now()");
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        if (_original.IsValueCreated)
            await (await _original.Value).DisposeAsync();
    }
}
