using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>Tests of a database with the triggers, an empty outbox, and its application.</summary>
public abstract class CapturedDatabase(TestServers servers) : IAsyncLifetime
{
    protected LegacyDatabase Database { get; private set; } = null!;

    private protected Application Shop { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(Database);
        await Database.ExecuteAsync("DELETE FROM voice.outbox");
        Shop = await Application.CreateAsync(Database);
    }

    public async ValueTask DisposeAsync()
    {
        await Shop.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
