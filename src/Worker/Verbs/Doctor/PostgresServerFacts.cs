using System.Globalization;
using Npgsql;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>What PostgreSQL says of itself, and what follows from it.</summary>
/// <param name="Settings">By name, in PostgreSQL's base units.</param>
/// <param name="Role">Who asks.</param>
/// <param name="IsSuperuser">Whether that is a superuser.</param>
/// <param name="IsStandby">Whether it only follows another.</param>
/// <param name="IsEncrypted">Whether this session is.</param>
internal sealed record PostgresServerFacts(
    IReadOnlyDictionary<string, string> Settings, string Role, bool IsSuperuser, bool IsStandby, bool IsEncrypted)
{
    // The relay's session ends by idle_session_timeout when its worker is frozen: PostgreSQL 14 has it first.
    private const int OldestVersion = 140_000;
    private const long ShortestStatementMs = 30_000;
    private const int SessionsBesideThePool = 3;

    private static readonly string[] DurabilitySettings = ["fsync", "full_page_writes", "synchronous_commit"];
    private static readonly string[] TimeoutSettings = ["statement_timeout", "transaction_timeout", "lock_timeout"];

    private const string SettingsSql = """
        SELECT name, setting FROM pg_settings WHERE name IN (
            'server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit',
            'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
            'default_transaction_isolation', 'default_transaction_read_only', 'max_connections',
            'superuser_reserved_connections', 'synchronous_standby_names')
        """;

    private const string SessionSql = """
        SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), pg_is_in_recovery(),
               COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
               (SELECT count(*)::int FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup')
        """;

    public static async Task<PostgresServerFacts> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand(SettingsSql, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                settings[reader.GetString(0)] = reader.GetString(1);
        }

        await using var session = new NpgsqlCommand(SessionSql, connection);
        await using var one = await session.ExecuteReaderAsync(cancellationToken);
        await one.ReadAsync(cancellationToken);
        return new(settings, one.GetString(0), one.GetBoolean(1), one.GetBoolean(2), one.GetBoolean(3))
        {
            Standbys = one.GetInt32(4),
        };
    }

    /// <summary>How many follow this server; what they are is hidden from a role without rights.</summary>
    public int Standbys { get; init; }

    /// <param name="poolSize">Sessions that one worker may open.</param>
    public IEnumerable<Finding> Examine(int poolSize)
    {
        yield return Finding.Ok(
            "postgres.connection", $"answers as {Role}, {(IsEncrypted ? "encrypted" : "not encrypted")}");
        yield return Version();
        yield return IsStandby || Settings["default_transaction_read_only"] == "on"
            ? Finding.Error(
                "postgres.writable", IsStandby ? "this is a standby" : "default_transaction_read_only is on",
                "connect to the primary: list all hosts and add Target Session Attributes=primary to "
                    + "ConnectionStrings:Postgres")
            : Finding.Ok("postgres.writable", "this is a primary");
        yield return IsSuperuser
            ? Finding.Warning("postgres.role", $"{Role} is a superuser",
                "run the worker as voice_worker of docs/roles.sql, which may do nothing but its work")
            : Finding.Ok("postgres.role", $"{Role} is no superuser");
        yield return Durability();
        yield return Replication();
        yield return Timeouts();
        yield return Settings["default_transaction_isolation"] == "read committed"
            ? Finding.Ok("postgres.isolation", "read committed")
            : Finding.Warning(
                "postgres.isolation", $"default_transaction_isolation is {Settings["default_transaction_isolation"]}",
                "ALTER ROLE … RESET default_transaction_isolation: groups of calls would fail and be repeated");
        yield return Sessions(poolSize);
    }

    private Finding Version() => Number("server_version_num") >= OldestVersion
        ? Finding.Ok("postgres.version", Settings["server_version"])
        : Finding.Error(
            "postgres.version", $"{Settings["server_version"]} is older than 14", "upgrade to PostgreSQL 14 or later");

    private Finding Durability()
    {
        var off = DurabilitySettings.Where(name => Settings[name] == "off").ToList();
        return off.Count == 0
            ? Finding.Ok("postgres.durability", "what is committed survives a crash")
            : Finding.Error("postgres.durability", $"{string.Join(" and ", off)} {(off.Count == 1 ? "is" : "are")} off",
                "turn it on: a crash of the server would lose calls that were acknowledged");
    }

    private Finding Replication() =>
        Standbys == 0 || Settings.GetValueOrDefault("synchronous_standby_names") is { Length: > 0 }
        ? Finding.Ok("postgres.replication", Standbys == 0 ? "no standby follows" : "commits wait for a standby")
        : Finding.Warning("postgres.replication",
            $"{Standbys} standby{(Standbys == 1 ? "" : "s")}, and synchronous_standby_names is empty",
            "set it: an asynchronous standby that is promoted may not have what was answered and published");

    private Finding Timeouts()
    {
        var found = new List<string>();
        if (Number("idle_session_timeout") > 0)
            found.Add($"idle_session_timeout is {Number("idle_session_timeout")} ms");
        foreach (var name in TimeoutSettings)
        {
            if (Number(name) is > 0 and < ShortestStatementMs)
                found.Add($"{name} is {Number(name)} ms");
        }

        return found.Count == 0
            ? Finding.Ok("postgres.timeouts", "none that would end a session or a statement of the worker early")
            : Finding.Warning("postgres.timeouts", string.Join("; ", found),
                $"ALTER ROLE {Role} SET … = 0: the worker has limits of its own, and what is cut off is only tried "
                    + "again");
    }

    private Finding Sessions(int poolSize)
    {
        var free = Number("max_connections") - Number("superuser_reserved_connections");
        return poolSize + SessionsBesideThePool <= free
            ? Finding.Ok("postgres.sessions", $"one worker opens at most {poolSize + SessionsBesideThePool} of {free}")
            : Finding.Warning("postgres.sessions",
                $"one worker may open {poolSize + SessionsBesideThePool} sessions, and there are {free} for everybody",
                "lower Maximum Pool Size in ConnectionStrings:Postgres (20 are plenty), or raise max_connections");
    }

    // An older server does not have them all.
    private long Number(string name) => long.Parse(Settings.GetValueOrDefault(name, "0"), CultureInfo.InvariantCulture);
}
