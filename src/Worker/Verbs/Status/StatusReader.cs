using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Relay;
using VoiceWorker.Servers;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Status;

/// <summary>Asks both servers; one that is away is a part of the answer. docs/verbs.md has the
/// keys.</summary>
internal static class StatusReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Everything, as one document.</summary>
    public static async Task<JsonObject> ReadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var wait = services.GetRequiredService<ServerWait>();
        var at = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var database = AskAsync(async () =>
        {
            await wait.ForPostgresAsync(TimeSpan.Zero, cancellationToken);
            return await DatabaseStatus.ReadAsync(services, at, cancellationToken);
        });
        var broker = AskAsync(async () =>
        {
            await using var connection = await wait.ForRabbitMqAsync(
                "voice-worker tools", TimeSpan.Zero, cancellationToken);
            return await BrokerStatus.ReadAsync(
                connection, services.GetRequiredService<IOptions<AuditOptions>>().Value.DeclareQueue,
                cancellationToken);
        });
        return new JsonObject
        {
            ["at"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), ["postgres"] = await database,
            ["rabbitMq"] = await broker,
        };
    }

    /// <summary>What a script is told by the exit code.</summary>
    public static int CodeOf(JsonObject status) =>
        (bool)status["postgres"]!["answers"]! && (bool)status["rabbitMq"]!["answers"]! ? ExitCode.Ok
        : (bool?)status["postgres"]!["refuses"] is true || (bool?)status["rabbitMq"]!["refuses"] is true
            ? ExitCode.Usage : ExitCode.Unreachable;

    private static async Task<JsonObject> AskAsync(Func<Task<JsonObject>> ask)
    {
        try
        {
            var answer = await ask().WaitAsync(Patience);
            answer.Insert(0, "answers", true);
            return answer;
        }
        catch (ServerUnreachableException away)
        {
            return new JsonObject
            {
                ["answers"] = false, ["failure"] = away.Message, ["refuses"] = away.Kind is not FailureKind.Outage,
            };
        }
        catch (Exception failure) when (failure is TimeoutException || ServerFailure.Of(failure).Kind is FailureKind.Outage)
        {
            return new JsonObject { ["answers"] = false, ["failure"] = ServerFailure.Describe(failure) };
        }
    }
}
