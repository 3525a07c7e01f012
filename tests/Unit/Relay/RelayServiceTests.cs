using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using VoiceWorker.Boot;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

/// <summary>The relay's loop within the life of its host.</summary>
public sealed class RelayServiceTests
{
    private static readonly MethodInfo Execute =
        typeof(RelayService).GetMethod("ExecuteAsync", BindingFlags.Instance | BindingFlags.NonPublic)!;

    // So it is when another of the host's services fails to start, such as one whose port is in use.
    [Fact]
    public async Task A_loop_that_begins_after_its_host_has_ended_ends_without_a_failure()
    {
        await using var worker = WorkerHost.BuildWorker(
        [
            "--ConnectionStrings:Postgres=Host=127.0.0.1;Database=app",
            "--ConnectionStrings:RabbitMq=amqp://127.0.0.1/",
        ]);
        var relay = worker.Services.GetRequiredService<RelayService>();

        relay.Dispose();

        await (Task)Execute.Invoke(relay, [new CancellationToken(canceled: true)])!;
    }
}
