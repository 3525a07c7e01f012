using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.Integration;

/// <summary>One worker for all tests of a class, or of the classes that share it; each test takes businesses of its own.</summary>
[CollectionDefinition(Shared)]
public sealed class WorkerFixture(TestServers servers) : IAsyncLifetime, ICollectionFixture<WorkerFixture>
{
    /// <summary>Of the classes whose tests look at nothing but their own businesses.</summary>
    public const string Shared = "One worker";

    private int _businesses;

    public RunningWorker Worker { get; private set; } = null!;

    public BrokerClient Broker => Worker.Broker;

    public AuditLog Audit => Worker.Audit;

    public LegacyDatabase Database => Worker.Database;

    /// <summary>A business that no other test uses; its voice is the default.</summary>
    public int NextBusiness() => ++_businesses;

    /// <summary>A business with a voice as the legacy application may have written it.</summary>
    public async Task<int> NextBusinessAsync(string voiceId)
    {
        var businessId = NextBusiness();
        await Database.ExecuteAsync($"UPDATE business SET voice_id = '{voiceId}' WHERE id = {businessId}");
        return businessId;
    }

    public async ValueTask InitializeAsync()
    {
        Worker = await RunningWorker.StartAsync(servers);
        // Soon after its start it looks for expired messages among the dead letters, which nobody else sees meanwhile;
        // the next look is a minute later, also after one that failed.
        using var http = new HttpClient();
        Assert.True(await Polling.UntilAsync(
            async token => (await http.GetStringAsync(new Uri(Worker.Process.Http, "/metrics"), token))
                .Contains("voice_duty=\"return\"", StringComparison.Ordinal),
            TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken), "the worker has not looked yet");
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
