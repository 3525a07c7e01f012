namespace VoiceWorker.Tests.Repository.Source;

/// <summary>MassTransit is one room that can be exchanged.</summary>
public sealed class MassTransitTests
{
    [Fact]
    public void Only_the_bus_and_the_consumers_know_MassTransit()
    {
        var users = RepositoryFiles.FilesBelow("src")
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .Where(file => RepositoryFiles.Read(file).Contains("using MassTransit", StringComparison.Ordinal))
            .Where(file => !file.StartsWith("src/Worker/Bus/", StringComparison.Ordinal));

        Assert.Equal(
            [
                "src/Worker/Calls/CallStartedConsumer.cs", "src/Worker/Changes/BusinessVoiceChangedConsumer.cs",
                "src/Worker/Verbs/Stub/StubCalls.cs", "src/Worker/Verbs/Stub/StubChanges.cs",
            ],
            users.Order());
    }
}
