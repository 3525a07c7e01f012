using VoiceWorker.Tests.Integration.Hosting;
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
        try
        {
            await ((HostedWorker)Worker.Process).HasLookedAtDeadLetters.WaitAsync(
                Waits.Longest, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException never)
        {
            throw new InvalidOperationException(
                $"The worker has not looked at its dead letters:\n{string.Join('\n', Worker.Process.Output)}", never);
        }
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
