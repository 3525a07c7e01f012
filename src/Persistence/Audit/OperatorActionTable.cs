using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Persistence.Audit;

/// <summary><c>voice.operator_action</c>: what operators did. A row is its event, column by column.</summary>
public static class OperatorActionTable
{
    // It writes the event too, so that EXECUTE is all the right it needs.
    private const string RecordSql = "SELECT voice.record_act($1, $2, $3::jsonb, $4::jsonb, $5, $6)";

    private const string RestoreSql = """
        INSERT INTO voice.operator_action (action_id, acted_at, operator, verb, filter, counts, result, note)
        SELECT action_id, acted_at, operator, verb, filter::jsonb, counts::jsonb, result, note
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::text[]) AS act (action_id, acted_at, operator, verb, filter, counts, result, note)
        ON CONFLICT (action_id) DO NOTHING
        """;

    /// <summary>Records an act as of now, with its event: one round trip, which is a transaction of its own if none is
    /// open.</summary>
    /// <param name="connection">With or without an open transaction.</param>
    /// <param name="act">Without id and time: they are the database's, whatever clock the operator has. A role that may
    /// not write the table itself is recorded with its name before the operator's.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task RecordAsync(
        NpgsqlConnection connection, OperatorActed act, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RecordSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = act.Operator },
                new NpgsqlParameter<string> { TypedValue = act.Verb },
                new NpgsqlParameter<string> { TypedValue = Write(act.Filter) },
                new NpgsqlParameter<string> { TypedValue = Write(act.Counts) },
                new NpgsqlParameter<string> { TypedValue = WireName.Of(act.Result) },
                new NpgsqlParameter { Value = (object?)act.Note ?? DBNull.Value },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Records acts again that a database that was behind does not have, without events.</summary>
    /// <param name="connection">With an open transaction.</param>
    /// <param name="acts">Their events.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task RestoreAsync(
        NpgsqlConnection connection, IReadOnlyList<OperatorActed> acts, CancellationToken cancellationToken)
    {
        if (acts.Count == 0)
            return;
        await using var command = new NpgsqlCommand(RestoreSql, connection)
        {
            Parameters =
            {
                Unnest.Uuid(acts, act => act.EventId), Unnest.Instant(acts, act => act.OccurredAt),
                Unnest.Text(acts, act => act.Operator), Unnest.Text(acts, act => act.Verb),
                Unnest.Text(acts, act => Write(act.Filter)), Unnest.Text(acts, act => Write(act.Counts)),
                Unnest.Text(acts, act => WireName.Of(act.Result)), Unnest.Text(acts, act => act.Note),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A row as its event.</summary>
    /// <exception cref="FormatException">It is not what an act can be.</exception>
    internal static OperatorActed Read(
        DateTimeOffset actedAt, string name, string verb, string filter, string counts, string result,
        string? note) => new()
    {
        Stream = AuditEvent.OperatorsStream, OccurredAt = actedAt, Operator = name, Verb = verb,
        Filter = Read(filter, "filter", ContractsJson.Default.IReadOnlyDictionaryStringString),
        Counts = Read(counts, "counts", ContractsJson.Default.IReadOnlyDictionaryStringInt64),
        Result = WireName.Parse<OperatorActResult>("result", result), Note = note,
    };

    private static string Write(IReadOnlyDictionary<string, string> named) =>
        JsonSerializer.Serialize(named, ContractsJson.Default.IReadOnlyDictionaryStringString);

    private static string Write(IReadOnlyDictionary<string, long> named) =>
        JsonSerializer.Serialize(named, ContractsJson.Default.IReadOnlyDictionaryStringInt64);

    private static T Read<T>(string json, string column, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type)!;
        }
        catch (JsonException)
        {
            throw new FormatException($"{column} is {json}");
        }
    }
}
