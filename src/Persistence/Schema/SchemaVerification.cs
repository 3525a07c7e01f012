using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Checks, in one query, every column that must be there, and reports all that is wrong at once.</summary>
public static class SchemaVerification
{
    private static readonly string[] OwnTables =
        ["voice.call_voice", "voice.business_voice_change", "voice.outbox", "voice.relay_checkpoint",
            "voice.operator_action", "voice.queue_pause", "voice_audit.mt_events"];

    private static readonly string[] OwnFunctions = ["voice.record_act"];

    private const string MissingSql = """
        SELECT required.table_name, required.column_name, to_regclass(quote_ident(required.table_name)) IS NULL
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS required (table_name, column_name, position)
        WHERE NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = to_regclass(quote_ident(required.table_name))
              AND attname = required.column_name AND attnum > 0 AND NOT attisdropped)
        ORDER BY position
        """;

    private const string MissingOwnSql = """
        SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL
        UNION ALL SELECT name FROM unnest($2::text[]) AS name WHERE to_regproc(name) IS NULL
        """;

    /// <summary>Every missing or wrong column, such as <c>leads.gender is missing</c>; empty when all is
    /// well.</summary>
    /// <param name="connection">Its search path finds the legacy tables.</param>
    /// <param name="options">What must be there.</param>
    /// <param name="changes">Whether triggers must be there too.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(
        NpgsqlConnection connection, MigrationOptions options, ChangeOptions changes,
        CancellationToken cancellationToken)
    {
        var problems = await FindMissingAsync(connection, options.AllCriticalColumns(), cancellationToken);
        var state = await Catalog.ReadStateAsync(connection, changes.Direct, cancellationToken);
        if (state.WrongId is { } why)
            problems.Add($"business {why}, expected an integer");
        if (state.Type is not null)
            problems.AddRange(FindWrong(state));
        if (state.Capture is CaptureState.Installed or CaptureState.Weakened
            && await DirectCapture.FindObstacleAsync(connection, cancellationToken) is { } obstacle)
            problems.Add(obstacle);
        return problems;
    }

    /// <summary>What differs from the target in a voice_id that exists.</summary>
    /// <param name="state">As inspected.</param>
    public static IEnumerable<string> FindWrong(VoiceIdState state)
    {
        if (state.Type != ColumnType.Target)
            yield return $"business.voice_id has the type {state.Type}, expected {ColumnType.Target}";
        if (state is { Unalterable: { } why, Default: null })
            yield return $"business.voice_id cannot be written: {why}";
        if (!state.IsNotNull)
            yield return "business.voice_id is nullable, expected NOT NULL";
        if (state.Default != MigrationPlan.TargetDefault)
        {
            yield return $"business.voice_id has the default {state.Default ?? "none"}, "
                + $"expected {MigrationPlan.TargetDefault}";
        }

        if (state is { Wanted: DirectChanges.Capture, Capture: CaptureState.None or CaptureState.Outdated })
            yield return "business lacks the triggers of Changes:Direct=Capture, or has others";
        if (state is { Wanted: DirectChanges.Report, Capture: not CaptureState.None })
            yield return "business has the triggers of Changes:Direct=Capture, and the setting is Report";
    }

    private static async Task<List<string>> FindMissingAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, string[]> columns, CancellationToken cancellationToken)
    {
        var required = columns.SelectMany(table => table.Value, (table, column) => (Table: table.Key, Column: column))
            .ToList();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(MissingSql)
                {
                    Parameters = { Unnest.Text(required, r => r.Table), Unnest.Text(required, r => r.Column) },
                },
                new NpgsqlBatchCommand(MissingOwnSql)
                {
                    Parameters = { Unnest.Text(OwnTables, name => name), Unnest.Text(OwnFunctions, name => name) },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var problems = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            problems.Add($"{reader.GetString(0)}.{reader.GetString(1)} is missing"
                + (reader.GetBoolean(2) ? $" (there is no table {reader.GetString(0)})" : ""));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            problems.Add($"{reader.GetString(0)} is missing");
        return problems;
    }
}

/// <summary>The schema lacks what the worker or the application cannot do without.</summary>
/// <param name="problems">Every missing or wrong column.</param>
public sealed class SchemaVerificationException(IReadOnlyList<string> problems)
    : Exception("The database schema does not verify: " + string.Join("; ", problems))
{
    /// <summary>Every missing or wrong column, one each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
