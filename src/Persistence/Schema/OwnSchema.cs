using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>The worker's own tables: numbered, idempotent SQL files, recorded in <c>voice.schema_history</c>.</summary>
internal static class OwnSchema
{
    private const string ResourcePrefix = "VoiceWorker.Persistence.Schema.Sql.";

    private const string AppliedSql = "SELECT name FROM voice.schema_history";

    private const string RecordSql = "INSERT INTO voice.schema_history (name) VALUES ($1) ON CONFLICT DO NOTHING";

    // CREATE on the database is what CREATE SCHEMA needs; a schema that was created for us needs CREATE on itself.
    private const string MayCreateSql = """
        SELECT bool_and(CASE WHEN to_regnamespace(name) IS NULL
                             THEN has_database_privilege(current_database(), 'CREATE')
                             ELSE has_schema_privilege(name, 'CREATE') END)
        FROM unnest(ARRAY['voice', 'voice_audit']) AS name
        """;

    /// <summary>Names of the SQL files, in order: <c>001_voice</c> …</summary>
    public static IReadOnlyList<string> Files { get; } = typeof(OwnSchema).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        .Select(name => name[ResourcePrefix.Length..^".sql".Length])
        .Order(StringComparer.Ordinal).ToList();

    /// <summary>What has been applied; empty where nothing has.</summary>
    public static async Task<HashSet<string>> ReadAppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand(
            "SELECT to_regclass('voice.schema_history') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is false)
            return [];
        await using var command = new NpgsqlCommand(AppliedSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetString(0));
        return applied;
    }

    public static async Task<bool> MayCreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MayCreateSql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Applies one file and records it, in one transaction.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, string file, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(ReadFile(file), cancellationToken);
        await RecordAsync(connection, file, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public static async Task RecordAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RecordSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static string ReadFile(string file) => ReadResource($"{ResourcePrefix}{file}.sql");

    /// <summary>SQL that is part of the assembly.</summary>
    /// <param name="name">Of the resource.</param>
    public static string ReadResource(string name)
    {
        using var stream = typeof(OwnSchema).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
