namespace VoiceWorker.Tests.Repository.Source;

/// <summary>MassTransit is one room that can be exchanged.</summary>
public sealed class MassTransitRoomTests
{
    private static readonly string[] Consumers =
        ["src/Worker/Calls/CallStartedConsumer.cs", "src/Worker/Changes/BusinessVoiceChangedConsumer.cs"];

    [Fact]
    public void Only_the_bus_and_the_two_consumers_know_MassTransit()
    {
        var users = RepositoryFiles.FilesBelow("src")
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal)
                && !file.StartsWith("src/Worker/Bus/", StringComparison.Ordinal)
                && RepositoryFiles.Read(file).Contains("using MassTransit", StringComparison.Ordinal));

        Assert.Equal(Consumers, users.Order());
    }
}
