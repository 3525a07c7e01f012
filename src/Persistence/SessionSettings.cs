using System.Text;
using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>What a session of the worker is set to. By a statement after the connect: session poolers refuse parameters
/// of the start that they do not know.</summary>
internal sealed class SessionSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase)
    {
        // A worker that is gone without a word, with its machine or its network, must not keep the rows that it had
        // locked.
        ["idle_in_transaction_session_timeout"] = "10s",
        ["client_connection_check_interval"] = "1s",
        // Everything here goes by key: a plan that was made when a table was empty must not scan it when it has grown.
        ["enable_seqscan"] = "off",
        ["jit"] = "off",
        ["default_transaction_isolation"] = "read committed",
        // See RowSecurity.
        ["row_security"] = "off",
        // Marten stores now() at time zone 'utc' into timestamptz columns.
        ["TimeZone"] = "UTC",
    };

    /// <summary>The worker's own, overridden by what the operator says in <c>Options</c>.</summary>
    /// <param name="legacySchema">Schema of the legacy tables.</param>
    /// <param name="options">Of the connection string, such as <c>-c work_mem=64MB</c>.</param>
    public SessionSettings(string legacySchema, string? options)
    {
        var given = Read(options ?? "");
        Rest = given is null ? options : null;
        foreach (var (name, value) in given ?? [])
            _values[name] = value;
        _values["search_path"] = $"\"{legacySchema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        // PgBouncer 1.26 sets it to what it was when its first session began.
        Sql = "RESET default_transaction_read_only; SELECT " + string.Join(
            ", ", _values.Select(setting => $"set_config({Quote(setting.Key)}, {Quote(setting.Value)}, false)"))
            + ", pg_is_in_recovery(), current_setting('default_transaction_read_only'); " + RowSecurity.AdaptSql;
    }

    /// <summary>Options that are no settings, such as Neon's <c>endpoint=…</c>: they go with the start.</summary>
    public string? Rest { get; }

    /// <summary>Sets them all.</summary>
    public string Sql { get; }

    /// <summary>Sets them on a session that has just been opened.</summary>
    /// <exception cref="UnwritableServerException">The session cannot write: its server is a standby, or is to be
    /// read only.</exception>
    public async Task ApplyAsync(NpgsqlConnection connection, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = new NpgsqlCommand(Sql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            EnsureWritable(reader);
            while (await reader.NextResultAsync(cancellationToken))
            {
                // A failure of the last statement comes with its result.
            }
        }
        catch (PostgresException refusal) when (IsOfAValue(refusal))
        {
            throw RefusedOptions(refusal);
        }
        catch (UnwritableServerException)
        {
            await EndAsync(connection);
            throw;
        }
    }

    /// <summary>The same for callers that cannot wait.</summary>
    public void Apply(NpgsqlConnection connection)
    {
        try
        {
            using var command = new NpgsqlCommand(Sql, connection);
            using var reader = command.ExecuteReader();
            reader.Read();
            EnsureWritable(reader);
            while (reader.NextResult())
            {
                // As above.
            }
        }
        catch (PostgresException refusal) when (IsOfAValue(refusal))
        {
            throw RefusedOptions(refusal);
        }
        catch (UnwritableServerException)
        {
            EndAsync(connection).GetAwaiter().GetResult();
            throw;
        }
    }

    // A pooler keeps a session as it began, and would hand it out again also when its server takes writes. It makes up
    // the process id that it tells its clients.
    private static async Task EndAsync(NpgsqlConnection connection)
    {
        await using var end = new NpgsqlCommand(
            $"SELECT pg_terminate_backend(pg_backend_pid()) WHERE pg_backend_pid() <> {connection.ProcessID}",
            connection);
        // It ends by its own statement, which fails by that.
        await ((Task)end.ExecuteNonQueryAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Only what the operator gave in Options can be unknown, wrong, or not to be set in a session.
    private static bool IsOfAValue(PostgresException refusal) => refusal.SqlState is PostgresErrorCodes.UndefinedObject
        or PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.CantChangeRuntimeParam;

    private static ConnectionSettingsException RefusedOptions(PostgresException refusal) =>
        new($"what Options sets is refused: {refusal.MessageText}");

    private static void EnsureWritable(NpgsqlDataReader reader)
    {
        if (reader.GetBoolean(reader.FieldCount - 2))
            throw UnwritableServerException.Standby();
        if (reader.GetString(reader.FieldCount - 1) == "on")
            throw UnwritableServerException.ReadOnly();
    }

    // Null when anything is not -c name=value, -cname=value or --name=value.
    private static List<KeyValuePair<string, string>>? Read(string options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var words = new Queue<string>(Words(options));
        while (words.TryDequeue(out var word))
        {
            var setting = word == "-c" && words.Count > 0 ? words.Dequeue()
                : word.StartsWith("-c", StringComparison.Ordinal) || word.StartsWith("--", StringComparison.Ordinal)
                    ? word[2..] : "";
            if (setting.Split('=', 2) is not [{ Length: > 0 } name, var value])
                return null;
            settings.Add(new(name.Replace('-', '_'), value));
        }

        return settings;
    }

    // A backslash takes what follows as it is, so that a value can have spaces.
    private static List<string> Words(string options)
    {
        var words = new List<StringBuilder>();
        var isInside = false;
        for (var i = 0; i < options.Length; i++)
        {
            if (char.IsWhiteSpace(options[i]))
            {
                isInside = false;
                continue;
            }

            if (!isInside)
                words.Add(new StringBuilder());
            isInside = true;
            words[^1].Append(options[i] == '\\' && i + 1 < options.Length ? options[++i] : options[i]);
        }

        return words.ConvertAll(word => word.ToString());
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
