using System.Text.Json.Nodes;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Status;
using VoiceWorker.WebConsole.Acts;

namespace VoiceWorker.WebConsole.Live;

/// <summary>Registers what the pages read from.</summary>
internal static class Readers
{
    public static IServiceCollection AddReaders(this IServiceCollection services) =>
        services.AddSingleton<StatusFeed>().AddSingleton<JobBoard>().AddSingleton<LetterFeed>()
            .AddSingleton<Reading>().AddSingleton<SchemaFeed>().AddSingleton<DoctorFeed>();
}

/// <summary>What <c>status</c> tells, and how its figures have run while somebody looked.</summary>
internal sealed class StatusFeed
{
    private const int Most = 300;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly Snapshot<JsonObject> _status;
    private readonly Lock _lock = new();
    private readonly Queue<StatusSample> _samples = new();

    public StatusFeed(
        IServiceProvider services, LetterFeed letters, IHostApplicationLifetime host, TimeProvider time) =>
        _status = new(async cancellationToken =>
        {
            var held = letters.Held;
            var status = await StatusReader.ReadAsync(services, countsVoices: false, cancellationToken);
            Restore(status, letters.Held ?? held);
            Note(StatusSample.Of(time.GetUtcNow(), status));
            return status;
        }, MaxAge, time, host.ApplicationStopping);

    /// <summary>The latest ones, the oldest first; as many as a chart has room for.</summary>
    public IReadOnlyList<StatusSample> Samples
    {
        get
        {
            lock (_lock)
                return [.. _samples];
        }
    }

    public Task<Seen<JsonObject>> LookAsync(bool fresh = false) => _status.LookAsync(fresh);

    // Those that the console itself holds at the moment are not gone.
    private static void Restore(JsonObject status, LetterCounts? held)
    {
        if (held is null || status["rabbitMq"]?["deadLetters"] is not JsonArray queues)
            return;
        foreach (var queue in queues)
            queue!["messages"] = held.Of.GetValueOrDefault((string)queue["queue"]!);
    }

    private void Note(StatusSample sample)
    {
        lock (_lock)
        {
            _samples.Enqueue(sample);
            if (_samples.Count > Most)
                _samples.Dequeue();
        }
    }
}

/// <summary>The figures of one look; what was not known is null.</summary>
internal sealed record StatusSample(
    DateTimeOffset At, double? CallsPerSecond, double? RepliesP99Ms, double? Waiting, double? DeadLetters)
{
    public static StatusSample Of(DateTimeOffset at, JsonObject status) => new(
        at, status["callsPerSecond"].Number(),
        Worst(status["postgres"]?["workers"], "repliesP99Ms"), Sum(status["rabbitMq"]?["queues"]),
        Sum(status["rabbitMq"]?["deadLetters"]));

    private static double? Worst(JsonNode? workers, string name) => workers is JsonArray all
        ? all.Max(worker => worker![name].Number()) : null;

    private static double? Sum(JsonNode? queues) => queues is JsonArray all
        ? all.Sum(queue => queue!["messages"].Number() ?? 0) : null;
}
