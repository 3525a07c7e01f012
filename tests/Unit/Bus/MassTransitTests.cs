using MassTransit.UsageTracking;
using Microsoft.Extensions.DependencyInjection;
using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>MassTransit speaks to nobody but the broker.</summary>
public sealed class MassTransitTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("true")]
    public async Task MassTransit_reports_no_usage_to_its_maker(string? variable)
    {
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", variable);
        await using var worker = WorkerHost.BuildWorker(
            ["--ConnectionStrings:Postgres=Host=127.0.0.1;Database=app", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1/"]);

        Assert.False(Assert.IsType<UsageTracker>(worker.Services.GetRequiredService<IUsageTracker>()).Enabled);
    }
}
