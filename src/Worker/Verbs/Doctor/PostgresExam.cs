using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Boot;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Commit;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>PostgreSQL: whether it answers, what it is, and what this role may do there.</summary>
internal sealed class PostgresExam(IServiceProvider services)
{
    private const string RolesRemedy = "run docs/roles.sql as a superuser, once more after migrating";

    /// <summary>Every finding; after one of the connection there is no other.</summary>
    public async IAsyncEnumerable<Finding> ExamineAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindWhyUnreachableAsync(cancellationToken) is { } unreachable)
        {
            yield return unreachable;
            yield break;
        }

        await using var connection = await services.GetRequiredService<PostgresConnections>().OpenAsync(cancellationToken);
        yield return Finding.Ok("postgres.pooler", "sessions are the worker's own");
        var server = await PostgresServerFacts.ReadAsync(connection, cancellationToken);
        foreach (var finding in server.Examine(new NpgsqlConnectionStringBuilder(connection.ConnectionString).MaxPoolSize))
            yield return finding;
        yield return await TryAsync("postgres.clock", () => ClockAsync(connection, cancellationToken));
        yield return await TryAsync("postgres.rights.run", () => RunRightsAsync(connection, cancellationToken));
        yield return await TryAsync("postgres.rights.migrate", () => MigrateRightsAsync(cancellationToken));
        yield return await TryAsync("postgres.schema", () => SchemaAsync(connection, cancellationToken));
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
            return Finding.Error("postgres.pooler", pooled.Message, "give the worker a direct connection; it has a pool of its own");
        }
        catch (ServerUnreachableException unreachable)
        {
            return Finding.Error("postgres.connection", unreachable.Message,
                "check host, port, user, password and certificate in ConnectionStrings:Postgres, and that pg_hba.conf lets this machine in");
        }
    }

    private static async Task<Finding> TryAsync(string check, Func<Task<Finding>> examine)
    {
        try
        {
            return await examine();
        }
        catch (PostgresException refused)
        {
            return Finding.Error(check, SqlFailure.Describe(refused), RolesRemedy);
        }
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

    private async Task<Finding> RunRightsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var schema = services.GetRequiredService<IOptions<MigrationOptions>>().Value.Schema;
        var missing = await WorkerPrivileges.FindMissingAsync(connection, schema, cancellationToken);
        return missing.Count == 0
            ? Finding.Ok("postgres.rights.run", "the role may do what a running worker does")
            : Finding.Error("postgres.rights.run", $"the role lacks {string.Join(", ", missing)}", RolesRemedy);
    }

    private async Task<Finding> MigrateRightsAsync(CancellationToken cancellationToken)
    {
        var migrator = services.GetRequiredService<SchemaMigrator>();
        if ((await migrator.PlanAsync(cancellationToken)).IsNothing)
            return Finding.Ok("postgres.rights.migrate", "nothing is to be migrated, so no right to change the schema is needed");
        return await migrator.FindObstacleAsync(cancellationToken) is { } obstacle
            ? Finding.Error("postgres.rights.migrate", obstacle,
                "run migrate as voice_migrator before the worker starts, or give the output of migrate --script to somebody who may")
            : Finding.Ok("postgres.rights.migrate", "the role may do what is left to migrate");
    }

    private async Task<Finding> SchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = (await services.GetRequiredService<SchemaMigrator>().PlanAsync(cancellationToken)).Describe().ToList();
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
            : Finding.Error("postgres.schema", string.Join("; ", problems), "add them, or correct Migration:CriticalColumns");
    }
}
