using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class SessionEnded(ClusterServers servers)
{
    [Fact]
    public async Task Another_one_is_opened_at_once()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "one session ended by pg_terminate_backend", Hurt.Database | Hurt.Worker);

        await world.RepeatAsync(
            async moment =>
            {
                moment.Begin();
                await world.Database.ExecuteAsync("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'voice-worker' AND datname = current_database()
                    ORDER BY state_change DESC LIMIT 1
                    """);
            },
            () => Task.CompletedTask);

        await world.JudgeAsync();
    }
}
