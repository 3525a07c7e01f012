using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Verbs.Status;

/// <summary>What PostgreSQL knows: schema, relay, backlog, voices.</summary>
internal static class DatabaseStatus
{
    private const int Named = 5;

    // A part of what the whole may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>As JSON.</summary>
    /// <param name="at">Now, by this machine.</param>
    /// <param name="countsVoices">Whether voices are counted.</param>
    public static async Task<JsonObject> ReadAsync(
        IServiceProvider services, DateTimeOffset at, bool countsVoices, CancellationToken cancellationToken)
    {
        var pending = await services.GetRequiredService<SchemaMigrator>().PlanAsync(cancellationToken);
        var options = services.GetRequiredService<IOptions<MigrationOptions>>().Value;
        var changes = services.GetRequiredService<IOptions<ChangeOptions>>().Value;
        await using var connection = await services.GetRequiredService<PostgresConnections>()
            .OpenAsync(cancellationToken);
        var problems = await SchemaVerification.FindProblemsAsync(connection, options, changes, cancellationToken);
        var status = new JsonObject
        {
            ["schema"] = new JsonObject
            {
                ["voiceId"] = pending.VoiceId.ToString(), ["pending"] = Lines(pending.Describe()),
                ["problems"] = Lines(problems),
            },
        };
        // Before the first migration there is no relay to speak of.
        if (!pending.NeedsOwnSchema)
            await AddRelayAsync(status, connection, cancellationToken);
        if (!pending.NeedsOwnSchema && pending.VoiceId.Type is not null)
            status["changes"] = Describe(changes.Direct, await OutsideVoices.CountAsync(
                connection, Named, Patience, services.GetRequiredService<TimeProvider>(), cancellationToken));
        if (!countsVoices)
            return status;
        status["voices"] = new JsonObject
        {
            ["businesses"] = pending.VoiceId.Type is null ? null : Voices(
                await VoiceUse.OfBusinessesAsync(connection, cancellationToken)),
            ["callsOfLastDay"] = pending.NeedsOwnSchema ? null
                : Voices(await VoiceUse.OfCallsAsync(connection, at - TimeSpan.FromDays(1), cancellationToken)),
        };
        return status;
    }

    private static async Task AddRelayAsync(
        JsonObject status, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        status["lastMigration"] = Describe(await MigrationRunTable.FindLastAsync(connection, cancellationToken));
        // Ages are measured by the clock that recorded their begin.
        var now = await DatabaseTime.ReadAsync(connection, cancellationToken);
        var (waiting, oldestWaiting) = await OutboxTable.BacklogAsync(connection, cancellationToken);
        var (unpublished, oldestUnpublished) = await RelayCheckpointTable.UnpublishedAsync(
            connection, cancellationToken);
        var workers = await WorkerTable.RunningAsync(connection, cancellationToken);
        status["workers"] = new JsonArray([.. workers.Select(Describe)]);
        status["pausedQueues"] = new JsonArray(
            [.. (await QueuePauseTable.ReadAsync(connection, cancellationToken)).Select(Describe)]);
        status["relay"] = new JsonObject
        {
            ["held"] = (workers.FirstOrDefault(worker => worker.IsLeader)
                ?? workers.FirstOrDefault(worker => worker.Held is not null))?.Held,
            ["leader"] = Describe(await RelayLeadership.FindLeaderAsync(connection, cancellationToken)),
            ["unsequenced"] = waiting,
            ["oldestUnsequencedSeconds"] = SecondsSince(oldestWaiting, now),
            ["unpublished"] = unpublished,
            ["oldestUnpublishedSeconds"] = SecondsSince(oldestUnpublished, now),
        };
    }

    private static double SecondsSince(DateTimeOffset? begin, DateTimeOffset now) =>
        begin is { } instant ? Math.Max(0, Math.Round((now - instant).TotalSeconds, 3)) : 0;

    private static JsonObject? Describe(MigrationRun? run) => run is null ? null : new JsonObject
    {
        ["runId"] = run.RunId,
        ["migration"] = run.Migration,
        ["startedAt"] = Format(run.StartedAt),
        ["completedAt"] = Format(run.CompletedAt),
        ["steps"] = Lines(run.Steps),
        ["rowsBackfilled"] = run.RowsBackfilled,
    };

    private static JsonObject Describe(WorkerState worker) => new()
    {
        ["workerId"] = worker.WorkerId,
        ["host"] = worker.Host,
        ["version"] = worker.Version,
        ["role"] = worker.IsLeader ? "leader" : "standby",
        ["ready"] = worker.IsReady,
        ["callsPerSecond"] = Math.Round(worker.CallsPerSecond, 1),
        ["startedAt"] = Format(worker.StartedAt),
        ["inFlight"] = worker.Consuming?.InFlight,
        ["draining"] = worker.IsDraining,
        ["drained"] = worker.Consuming?.IsDrained ?? false,
        ["paused"] = worker.Consuming is { } consuming ? Lines(consuming.Paused) : null,
        ["replies"] = worker.Replies?.Count,
        ["repliesP50Ms"] = Rounded(worker.Replies?.P50Ms),
        ["repliesP99Ms"] = Rounded(worker.Replies?.P99Ms),
        ["fallbackShare"] = worker.Replies?.FallbackShare,
    };

    private static JsonObject Describe(QueuePause pause) => new()
    {
        ["queue"] = pause.Queue, ["pausedAt"] = Format(pause.PausedAt), ["pausedBy"] = pause.PausedBy,
        ["note"] = pause.Note,
    };

    private static double? Rounded(double? milliseconds) => milliseconds is { } some ? Math.Round(some, 2) : null;

    private static JsonObject Describe(DirectChanges direct, OutsideVoiceCount outside) => new()
    {
        ["direct"] = direct.ToString(),
        ["outside"] = outside.Count,
        ["complete"] = outside.IsComplete,
        ["businesses"] = new JsonArray([.. outside.First.Select(one => new JsonObject
        {
            ["businessId"] = one.BusinessId, ["stored"] = one.StoredVoiceId, ["recorded"] = one.RecordedVoiceId,
        })]),
    };

    private static JsonObject? Describe(RelayLeader? leader) => leader is null ? null : new JsonObject
    {
        ["pid"] = leader.Pid, ["client"] = leader.Client, ["sessionSince"] = Format(leader.SessionSince),
    };

    private static JsonObject Voices(IReadOnlyList<(string? Voice, long Count)> voices) =>
        new(voices.Select(voice => KeyValuePair.Create(voice.Voice ?? "", (JsonNode?)JsonValue.Create(voice.Count))));

    private static JsonArray Lines(IEnumerable<string> lines) => new([.. lines.Select(line => JsonValue.Create(line))]);

    private static string? Format(DateTimeOffset? instant) =>
        instant?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
