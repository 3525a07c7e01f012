using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.Tests.Unit.Docs;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>MassTransit is one room that can be exchanged, and speaks to nobody but the broker.</summary>
public sealed class MassTransitTests
{
    private static readonly string[] Consumers =
        ["src/Worker/Calls/CallStartedConsumer.cs", "src/Worker/Changes/BusinessVoiceChangedConsumer.cs"];

    [Fact]
    public void Only_the_bus_and_the_two_consumers_know_MassTransit()
    {
        var users = Repository.FilesBelow("src")
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Where(file => Repository.Read(file).Contains("MassTransit;", StringComparison.Ordinal)
                || Repository.Read(file).Contains("using MassTransit", StringComparison.Ordinal))
            .Select(file => file.Replace('\\', '/'))
            .Where(file => !file.Contains("src/Worker/Bus/", StringComparison.Ordinal));

        Assert.Equal(Consumers, users.Select(file => file[file.IndexOf("src/", StringComparison.Ordinal)..]).Order());
    }

    [Fact]
    public async Task MassTransit_reports_no_usage_to_its_maker()
    {
        await using var worker = WorkerHost.BuildWorker(
            ["--ConnectionStrings:Postgres=Host=127.0.0.1;Database=app", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1/"]);

        Assert.False(worker.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled);
    }
}
