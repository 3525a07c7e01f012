using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>MassTransit speaks to nobody but the broker.</summary>
public sealed class MassTransitTests
{
    [Fact]
    public async Task MassTransit_reports_no_usage_to_its_maker()
    {
        await using var worker = WorkerHost.BuildWorker(
            ["--ConnectionStrings:Postgres=Host=127.0.0.1;Database=app", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1/"]);

        Assert.False(worker.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled);
    }
}
