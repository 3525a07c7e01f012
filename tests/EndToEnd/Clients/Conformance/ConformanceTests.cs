using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>Every client does what clients/conformance/behaviours.json says, in its language.</summary>
[LoneRun]
[Collection(nameof(LoneRunAttribute))]
public sealed class ConformanceTests(Drivers drivers, TestServers servers) : IClassFixture<Drivers>
{
    public static TheoryData<string> Names => [.. Behaviour.All.Select(behaviour => behaviour.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Clients_of_all_languages_do_the_same(string behaviour)
    {
        var this_ = Behaviour.All.Single(one => one.Name == behaviour);
        await using var scene = await Scene.SetAsync(this_, drivers.RabbitMq, drivers.VirtualHostOf(this_), servers);
        var actors = drivers.Languages.Where(language => language.Parts.Contains(this_.Part))
            .Select((language, index) => new Actor(language, drivers.FolderOf(language), index, scene)).ToList();
        try
        {
            using var waiting = Waiting.Start();
            foreach (var step in this_.Steps)
            {
                if (!await scene.DoAsync(step))
                    await Task.WhenAll(actors.Select(actor => actor.DoAsync(step, waiting)));
            }

            await Task.WhenAll(actors.Select(actor => actor.EndAsync()));
            AssertHeld(actors);
        }
        finally
        {
            await Task.WhenAll(actors.Select(actor => actor.DisposeAsync().AsTask()));
            await drivers.HealAsync();
        }
    }

    private static void AssertHeld(IReadOnlyList<Actor> actors)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(
            '\n', actors.Select(actor => $"{actor.Language}: {(actor.Failure is null ? "held" : "FAILED")}")));
        var failures = actors.Select(actor => actor.Failure).OfType<string>().ToList();
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.All(actors, actor => Assert.DoesNotContain(
            actor.Log, line => line.Contains(Drivers.Password, StringComparison.Ordinal) || line.Contains("wrong-4711", StringComparison.Ordinal)));
    }
}
