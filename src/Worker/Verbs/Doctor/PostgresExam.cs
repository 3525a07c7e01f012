using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Persistence.Schema;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>PostgreSQL: whether it answers, what it is, and what this role may do there.</summary>
internal sealed class PostgresExam(IServiceProvider services)
{
    /// <summary>Every finding; after one of the connection there is no other.</summary>
    public async IAsyncEnumerable<Finding> ExamineAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindWhyUnreachableAsync(cancellationToken) is { } unreachable)
        {
            yield return unreachable;
            yield break;
        }

        await using var connection = await services.GetRequiredService<PostgresConnections>()
            .OpenAsync(cancellationToken);
        yield return Finding.Ok("postgres.pooler", "sessions are the worker's own");
        var rights = new PostgresRights(services, connection);
        (string Check, Func<Task<IEnumerable<Finding>>> Examine)[] probes =
        [
            ("postgres.server", () => ServerAsync(connection, cancellationToken)),
            ("postgres.clock", async () => [await ClockAsync(connection, cancellationToken)]),
            ("postgres.table", () => TableAsync(connection, cancellationToken)),
            ("postgres.changes", () => ChangesAsync(connection, cancellationToken)),
            ("postgres.voices", () => VoicesAsync(connection, cancellationToken)),
            ("postgres.rights.run", async () => [await rights.ToRunAsync(cancellationToken)]),
            ("postgres.rights.others", async () => [await rights.OfOthersAsync(cancellationToken)]),
            ("postgres.rights.migrate", async () => [await rights.ToMigrateAsync(cancellationToken)]),
            ("postgres.schema", async () => [await SchemaAsync(connection, cancellationToken)]),
        ];
        foreach (var (check, examine) in probes)
        {
            foreach (var finding in await TryAsync(rights, check, examine, cancellationToken))
                yield return finding;
        }
    }

    private async Task<Finding?> FindWhyUnreachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<ServerWait>().ForPostgresAsync(TimeSpan.Zero, cancellationToken);
            return null;
        }
        catch (PooledConnectionException pooled)
        {
            return Finding.Error(
                "postgres.pooler", pooled.Message,
                "give the address of a pooler in session mode, or of PostgreSQL itself");
        }
        catch (ServerUnreachableException unreachable) when (PostgresRights.IsMissing(unreachable))
        {
            var given = new NpgsqlConnectionStringBuilder(
                services.GetRequiredService<PostgresConnections>().ConnectionString);
            return Finding.Error("postgres.connection", unreachable.Message,
                $"GRANT CONNECT ON DATABASE {given.Database} TO {given.Username}");
        }
        catch (ServerUnreachableException unreachable)
        {
            return Finding.Error("postgres.connection", unreachable.Message,
                "check host, port, user, password and certificate in ConnectionStrings:Postgres, "
                    + "and that pg_hba.conf lets this machine in");
        }
    }

    private static async Task<IEnumerable<Finding>> TryAsync(
        PostgresRights rights, string check, Func<Task<IEnumerable<Finding>>> examine,
        CancellationToken cancellationToken)
    {
        try
        {
            return await examine();
        }
        catch (PrivilegeMissingException hidden)
        {
            return [Finding.Error(check, hidden.Message, OneLine(hidden.Script))];
        }
        catch (PostgresException refused) when (PostgresRights.IsMissing(refused))
        {
            return [Finding.Error(check, SqlFailure.Describe(refused), await rights.RemedyAsync(cancellationToken))];
        }
        catch (PostgresException refused)
        {
            return [Finding.Error(check, SqlFailure.Describe(refused),
                "see PostgreSQL's log for the statement and its context")];
        }
    }

    private static async Task<IEnumerable<Finding>> ServerAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var facts = await PostgresServerFacts.ReadAsync(connection, cancellationToken);
        return facts.Examine(new NpgsqlConnectionStringBuilder(connection.ConnectionString).MaxPoolSize);
    }

    private async Task<IEnumerable<Finding>> TableAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string check = "postgres.table";
        var access = await TableAccess.ReadAsync(connection, cancellationToken);
        access.EnsureAllShown();
        var steps = (await services.GetRequiredService<SchemaMigrator>().PlanAsync(cancellationToken)).Steps;
        var findings = access.Obstacles(steps).Select(obstacle => obstacle.Effect is TableEffect.StopsSubscribers
            ? Finding.Warning(check, obstacle.Text, obstacle.Cure)
            : Finding.Error(check, obstacle.Text, obstacle.Cure)).ToList();
        if (findings.Count == 0)
        {
            findings.Add(Finding.Ok(check, "every row of business is seen, and can be updated"
                + (access.Writers is { } writers ? $"; beside it runs {writers}" : "")));
        }

        return findings;
    }

    private static async Task<IEnumerable<Finding>> ChangesAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string check = "postgres.changes";
        try
        {
            var (count, businessId, decidedAt) =
                await BusinessVoiceChangeTable.FindAheadAsync(connection, cancellationToken);
            return
            [
                count == 0
                    ? Finding.Ok(check, "none came with a time that lay ahead")
                    : Finding.Warning(
                        check,
                        $"{count} came with a changedAt more than 5 minutes ahead, the latest for business "
                            + $"{businessId} at {decidedAt:yyyy-MM-dd HH:mm:ss}Z; each counts as of when it was "
                            + "recorded",
                        "correct the clock of the producer, or its unit (milliseconds for seconds)"),
            ];
        }
        catch (PostgresException absent) when (absent.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // What is pending says so.
            return [];
        }
    }

    private async Task<IEnumerable<Finding>> VoicesAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return
            [
                OutsideFinding.Of(
                    services.GetRequiredService<IOptions<ChangeOptions>>().Value.Direct,
                    await OutsideVoices.CountAsync(
                        connection, OutsideFinding.Named, OutsideFinding.Patience,
                        services.GetRequiredService<TimeProvider>(), cancellationToken)),
            ];
        }
        catch (PostgresException absent) when (absent.SqlState
            is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            // What is pending says so.
            return [];
        }
    }

    private static string OneLine(string sql) => sql.ReplaceLineEndings(" ");

    private async Task<Finding> ClockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var time = services.GetRequiredService<TimeProvider>();
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        // The second round trip is not burdened with preparing the first.
        await command.ExecuteScalarAsync(cancellationToken);
        var before = time.GetUtcNow();
        var theirs = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
        var trip = time.GetUtcNow() - before;
        return ClockSkew.Examine(theirs - (before + (trip / 2)), trip);
    }

    private async Task<Finding> SchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = (await services.GetRequiredService<SchemaMigrator>().PlanAsync(cancellationToken)).Describe()
            .ToList();
        var problems = await SchemaVerification.FindProblemsAsync(
            connection, services.GetRequiredService<IOptions<MigrationOptions>>().Value,
            services.GetRequiredService<IOptions<ChangeOptions>>().Value, cancellationToken);
        // What is pending explains most of what is missing.
        if (pending.Count > 0)
        {
            return Finding.Warning(
                "postgres.schema", $"pending: {string.Join("; ", pending)}",
                "run migrate; a worker does it by itself when it starts and may");
        }

        return problems.Count == 0
            ? Finding.Ok("postgres.schema", "at its target")
            : Finding.Error(
                "postgres.schema", string.Join("; ", problems), "add them, or correct Migration:CriticalColumns");
    }
}

/// <summary>How far the clocks of worker and database are apart.</summary>
internal static class ClockSkew
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Wrong = TimeSpan.FromMinutes(1);

    /// <param name="skew">Theirs less ours.</param>
    /// <param name="trip">Of the question and its answer: half of it is unknown.</param>
    public static Finding Examine(TimeSpan skew, TimeSpan trip)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL's clock is {skew.Duration().TotalSeconds:0.000} s "
            + $"{(skew < TimeSpan.Zero ? "behind" : "ahead of")} this machine's (±{trip.TotalSeconds / 2:0.000} s)");
        const string remedy = "synchronise both by NTP: ages, retention and the times in audit events come from both";
        return skew.Duration() > Wrong ? Finding.Error("postgres.clock", text, remedy)
            : skew.Duration() - (trip / 2) > Noticeable ? Finding.Warning("postgres.clock", text, remedy)
            : Finding.Ok("postgres.clock", text);
    }
}
