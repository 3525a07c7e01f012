using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Persistence;
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
            ("postgres.rights.run", async () => [await rights.ToRunAsync(cancellationToken)]),
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
                "postgres.pooler", pooled.Message, "give the address of a pooler in session mode, or of PostgreSQL itself");
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
            connection, services.GetRequiredService<IOptions<MigrationOptions>>().Value, cancellationToken);
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
