using VoiceWorker.Contracts;
using VoiceWorker.Tests.Cluster.World;
using VoiceWorker.Tests.Faults.Verdict;
using Xunit;

namespace VoiceWorker.Tests.Cluster.Scripts;

public sealed class StandbyBehindPromoted(ClusterServers servers)
{
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task What_was_published_is_named_and_recorded_again_in_its_place()
    {
        var token = TestContext.Current.CancellationToken;
        LongScript.Only();
        await using var world = await ClusterWorld.CreateAsync(
            servers, "standby 3 s behind promoted", Hurt.Database | Hurt.Worker | Hurt.History);
        var (before, told, kept) = (0, 0, new HashSet<string>());

        await world.RepeatAsync(
            async moment =>
            {
                before = world.Told().Count;
                await world.Postgres.CutAsync(token);
                await Task.Delay(Behind, token);
                kept = await world.EventsOnAsync(world.Postgres.Standby);
                told = world.Told().Count;
                await world.FailOverAsync(moment);
                world.Forget(moment);
            },
            async () =>
            {
                AssertNamed([.. world.Told()], before, told, kept);
                await world.Postgres.FollowAsync(isSynchronous: false, token);
            });

        await world.JudgeAsync();
    }

    // What arrived while the primary died can be on either side.
    private static void AssertNamed(List<Delivery> arrived, int before, int told, HashSet<string> kept)
    {
        var losses = arrived.Skip(before).Where(one => one.Properties.Type == nameof(HistoryLost)).ToList();
        var named = losses.SelectMany(loss => loss.Json["lost"]!.AsArray()).ToList();
        var ids = named.Select(lost => (string)lost!["eventId"]!).ToHashSet();

        Assert.NotEmpty(losses);
        Assert.All(losses, loss => Assert.True((bool)loss.Json["isComplete"]!));
        Assert.All(named, lost => Assert.True((bool)lost!["recordedAgain"]!));
        Assert.Empty(ids.Intersect(kept));
        Assert.Subset(ids, arrived.Take(told).Select(Id).Except(kept).ToHashSet());
        Assert.Subset(arrived.TakeWhile(one => one != losses[0]).Select(Id).ToHashSet(), ids);
    }

    private static string Id(Delivery delivery) => delivery.Properties.MessageId!;
}
