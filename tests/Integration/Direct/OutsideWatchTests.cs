using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using VoiceWorker.Boot;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>Every voice that was changed outside is found, page by page, and forgotten when a change settles it.</summary>
public sealed class OutsideWatchTests(TestServers servers) : IAsyncLifetime
{
    private const int Businesses = 2_500;

    private LegacyDatabase Database { get; set; } = null!;

    private PostgresConnections Connections { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await servers.Migrated.CopyAsync(Businesses);
        Connections = new PostgresConnections(Database.WorkerConnectionString, "public");
        // Every other business has a history of two changes; 7 is gone, and the last letter of some is written in another way.
        await Database.ExecuteAsync("""
            UPDATE business SET voice_id = CASE WHEN id % 4 = 0 THEN ' SAGE' ELSE 'sage' END;
            INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, outcome, event_id, decided_at)
            SELECT id, now() - minutes * interval '1 minute', CASE minutes WHEN 1 THEN 'sage' ELSE 'nova' END, outcome, gen_random_uuid(), now()
            FROM business, (VALUES (1, 'updated'), (2, 'updated'), (0, 'superseded')) AS made (minutes, outcome) WHERE id % 2 = 0;
            DELETE FROM business WHERE id = 8
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        await Database.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1_250)]
    [InlineData(OutsideVoices.MaxPage)]
    public async Task Pages_of_any_size_find_each_once_in_order(int page)
    {
        await Database.ExecuteAsync("UPDATE business SET voice_id = 'verse' WHERE id IN (1, 2, 14, 1000, 2498, 2500)");
        await using var connection = await Connections.OpenAsync(Token);

        var found = new List<OutsideVoice>();
        for (int? after = 0; after is { } last;)
        {
            (var some, after) = await OutsideVoices.FindAmongAsync(connection, last, page, Token);
            found.AddRange(some);
        }

        Assert.Equal([2, 14, 1000, 2498, 2500], found.Select(one => one.BusinessId));
        Assert.All(found, one => Assert.Equal(("verse", "sage"), (one.StoredVoiceId, one.RecordedVoiceId)));
    }

    [Fact]
    public async Task The_leader_counts_them_and_a_change_that_settles_one_is_seen_at_the_next_look()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var told = -1L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "voice_worker.voices.changed_outside")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => told = value);
        listener.Start();
        var watch = new OutsideWatch(new WorkerMetrics(meters), TimeProvider.System);
        await Database.ExecuteAsync("UPDATE business SET voice_id = 'verse' WHERE id IN (2, 2500)");
        await using var connection = await Connections.OpenAsync(Token);

        for (var look = 0; look < 10 && told != 2; look++)
            await watch.LookAsync(connection, isLeader: true, Token);
        Assert.Equal(2, told);
        await Database.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id = 2500");
        await watch.LookAsync(connection, isLeader: true, Token);
        Assert.Equal(1, told);
        await watch.LookAsync(connection, isLeader: false, Token);
        Assert.Equal(0, told);
    }

    [Fact]
    public async Task A_count_names_the_first_of_them()
    {
        await using var connection = await Connections.OpenAsync(Token);
        await Database.ExecuteAsync("UPDATE business SET voice_id = 'verse'");

        var outside = await OutsideVoices.CountAsync(connection, 3, TimeSpan.MaxValue, TimeProvider.System, Token);

        Assert.Equal((1_249, true), (outside.Count, outside.IsComplete));
        Assert.Equal([2, 4, 6], outside.First.Select(one => one.BusinessId));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
