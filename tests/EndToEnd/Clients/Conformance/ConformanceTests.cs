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
        var described = Behaviour.All.Single(one => one.Name == behaviour);
        await using var scene = await Scene.SetAsync(described, drivers.RabbitMq, drivers.VirtualHostOf(described), servers);
        var actors = drivers.Languages.Where(language => language.Parts.Contains(described.Part))
            .Select((language, index) => new Actor(language, drivers.FolderOf(language), index, scene)).ToList();
        try
        {
            using var waiting = Waiting.Start();
            foreach (var step in described.Steps)
            {
                if (!await scene.DoAsync(step))
                    await Task.WhenAll(actors.Select(actor => actor.DoAsync(step, waiting)));
            }

            await Task.WhenAll(actors.Select(actor => actor.EndAsync()));
            AssertHeld(actors, described.Password);
        }
        finally
        {
            await Task.WhenAll(actors.Select(actor => actor.DisposeAsync().AsTask()));
        }
    }

    private static void AssertHeld(IReadOnlyList<Actor> actors, string? wrongPassword)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(
            '\n', actors.Select(actor => $"{actor.Language}: {(actor.Failure is null ? "held" : "FAILED")}")));
        var failures = actors.Select(actor => actor.Failure).OfType<string>().ToList();
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        foreach (var password in new[] { Drivers.Password, wrongPassword }.OfType<string>())
            Assert.All(actors, actor => Assert.DoesNotContain(password, string.Join('\n', actor.Log), StringComparison.Ordinal));
    }
}
