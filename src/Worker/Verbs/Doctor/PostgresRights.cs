using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>What this role may do, and the GRANT for what it may not.</summary>
internal sealed class PostgresRights(IServiceProvider services, NpgsqlConnection connection)
{
    /// <summary>What a running worker does.</summary>
    public async Task<Finding> ToRunAsync(CancellationToken cancellationToken)
    {
        var missing = await FindMissingAsync(cancellationToken);
        return missing.Count == 0
            ? Finding.Ok("postgres.rights.run", "the role may do what a running worker does")
            : Finding.Error(
                "postgres.rights.run", $"the role lacks {string.Join(", ", missing.Select(right => right.Name))}",
                Grants(missing));
    }

    /// <summary>What is left to migrate.</summary>
    public async Task<Finding> ToMigrateAsync(CancellationToken cancellationToken)
    {
        var migrator = services.GetRequiredService<SchemaMigrator>();
        if ((await migrator.PlanAsync(cancellationToken)).IsNothing)
            return Finding.Ok(
                "postgres.rights.migrate", "nothing is to be migrated, so no right to change the schema is needed");
        return await migrator.FindObstacleAsync(cancellationToken) is { } obstacle
            ? Finding.Error("postgres.rights.migrate", obstacle,
                "run migrate as voice_migrator before the worker starts, "
                    + "or give the output of migrate --script to somebody who may")
            : Finding.Ok("postgres.rights.migrate", "the role may do what is left to migrate");
    }

    /// <summary>Who else may write what the worker writes.</summary>
    public async Task<Finding> OfOthersAsync(CancellationToken cancellationToken)
    {
        const string check = "postgres.rights.others";
        var found = await ForeignRights.FindAsync(connection, cancellationToken);
        return found.Count == 0
            ? Finding.Ok(check, "no other role was given a right to write the worker's tables or run what writes them")
            : Finding.Warning(
                check, $"other roles may write here: {string.Join(", ", found.Select(right => right.Text))}",
                $"{string.Join("; ", found.Select(right => right.Revoke))} "
                    + "— and look for ALTER DEFAULT PRIVILEGES (pg_default_acl), which gives it again");
    }

    /// <summary>Whether something failed because a right is missing.</summary>
    public static bool IsMissing(Exception failure) =>
        SqlFailure.StateOf(failure) == PostgresErrorCodes.InsufficientPrivilege;

    /// <summary>What to do about that. PostgreSQL says what was refused, and not what would allow it.</summary>
    public async Task<string> RemedyAsync(CancellationToken cancellationToken) =>
        await FindMissingAsync(cancellationToken) is { Count: > 0 } missing
            ? Grants(missing) : "grant the role what is refused here";

    private Task<IReadOnlyList<MissingRight>> FindMissingAsync(CancellationToken cancellationToken) =>
        WorkerPrivileges.FindMissingAsync(
            connection, services.GetRequiredService<IOptions<MigrationOptions>>().Value.Schema, cancellationToken);

    private static string Grants(IEnumerable<MissingRight> missing) =>
        $"{string.Join("; ", missing.Select(right => right.Grant))} "
            + "— or run docs/roles.sql as a superuser, once more after migrating";
}
