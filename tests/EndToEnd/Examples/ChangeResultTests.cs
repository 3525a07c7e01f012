using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>A kit that asks for the result of its change prints it.</summary>
[FullRun]
public sealed class ChangeResultTests(TestServers servers)
{
    [Fact]
    public async Task Each_kit_prints_what_became_of_a_change()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        var businessId = 40;

        foreach (var kit in await Kit.AllAsync())
        {
            businessId++;
            await AssertPrintsAsync(kit, businessId, "coral", "\"outcome\":\"updated\",\"standingVoiceId\":\"coral\"");
            await AssertPrintsAsync(
                kit, businessId, "hal9000",
                "\"outcome\":\"rejected\",\"reason\":\"unsupportedVoice\",\"standingVoiceId\":\"coral\"");
        }
    }

    private async Task AssertPrintsAsync(Kit kit, int businessId, string voiceId, string outcome)
    {
        await using var producer = ExampleProcess.Start(
            [.. kit.Producer, "voice", $"{businessId}", voiceId, "--result"],
            new Dictionary<string, string> { ["AMQP_URL"] = servers.AmqpUri.ToString() });

        Assert.Equal((0, kit.Name), (await producer.EndsAsync(), kit.Name));
        Assert.Contains(outcome, Assert.Single(producer.Lines), StringComparison.Ordinal);
    }
}
