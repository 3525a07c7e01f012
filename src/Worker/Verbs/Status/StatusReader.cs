using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
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
    public static Task<JsonObject> ReadAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        ReadAsync(services, countsVoices: true, cancellationToken);

    /// <summary>The same for whoever looks every other second.</summary>
    /// <param name="countsVoices">Whether <c>voices</c> is there: it takes a look at every call of a day.</param>
    public static async Task<JsonObject> ReadAsync(
        IServiceProvider services, bool countsVoices, CancellationToken cancellationToken)
    {
        var wait = services.GetRequiredService<ServerWait>();
        var at = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var database = AskAsync(async () =>
        {
            await wait.ForPostgresAsync(TimeSpan.Zero, cancellationToken);
            return await DatabaseStatus.ReadAsync(services, at, countsVoices, cancellationToken);
        });
        var broker = AskAsync(async () =>
        {
            await using var connection = await wait.ForRabbitMqAsync(
                "voice-worker tools", TimeSpan.Zero, cancellationToken);
            return await BrokerStatus.ReadAsync(
                connection, services.GetRequiredService<IOptions<AuditOptions>>().Value.DeclareQueue,
                cancellationToken);
        });
        var status = new JsonObject
        {
            ["at"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), ["postgres"] = await database,
            ["rabbitMq"] = await broker,
        };
        AddTimeLeft(status);
        status.Insert(1, "verdicts", new JsonArray([.. StatusVerdict.Of(status).Select(one => one.ToJson())]));
        return status;
    }

    // Calls that wait, at the rate of now. A change of voice is decided in a moment, and has no rate to speak of.
    private static void AddTimeLeft(JsonObject status)
    {
        if (status["postgres"]!["workers"] is not JsonArray workers
            || status["rabbitMq"]!["queues"] is not JsonArray queues)
            return;
        var rate = workers.Sum(worker => (double)worker!["callsPerSecond"]!);
        status["callsPerSecond"] = Math.Round(rate, 1);
        var calls = queues.FirstOrDefault(queue => (string)queue!["queue"]! == InputQueue.CallStarted.Name);
        status["callSecondsLeft"] = (long?)calls?["messages"] switch
        {
            0 => 0.0,
            > 0 and var waiting when rate > 0 => Math.Round(waiting / rate, 1),
            _ => null,
        };
    }

    /// <summary>The exit code for scripts.</summary>
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
        catch (Exception failure) when (failure is TimeoutException
            || ServerFailure.Of(failure).Kind is FailureKind.Outage)
        {
            return new JsonObject { ["answers"] = false, ["failure"] = ServerFailure.Describe(failure) };
        }
    }
}

/// <summary>What RabbitMQ reports of the worker's queues without its management plugin.</summary>
internal static class BrokerStatus
{
    /// <summary>As JSON: queues with messages and consumers, and the dead letters.</summary>
    /// <param name="auditQueue">The queue that the worker declares for audit events; null for none.</param>
    public static async Task<JsonObject> ReadAsync(
        IConnection connection, string? auditQueue, CancellationToken cancellationToken)
    {
        var queues = InputQueue.All.Select(queue => queue.Name)
            .Concat(string.IsNullOrEmpty(auditQueue) ? [] : [auditQueue]);
        var dead = InputQueue.All.SelectMany(queue => queue.DeadLetters);
        return new JsonObject
        {
            ["queues"] = await ReadAsync(connection, queues, cancellationToken),
            ["deadLetters"] = await ReadAsync(connection, dead, cancellationToken),
        };
    }

    private static async Task<JsonArray> ReadAsync(
        IConnection connection, IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var queue in queues)
        {
            var found = await BrokerQueue.FindAsync(connection, queue, cancellationToken);
            answers.Add(Describe(queue, found));
        }

        return answers;
    }

    /// <summary>One queue; what is not known of it is null.</summary>
    public static JsonObject Describe(string queue, QueueDeclareOk? found) => new()
    {
        ["queue"] = queue,
        ["exists"] = found is not null,
        ["messages"] = (long?)found?.MessageCount,
        ["consumers"] = (long?)found?.ConsumerCount,
    };
}
