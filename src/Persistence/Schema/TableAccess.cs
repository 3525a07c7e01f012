using Npgsql;

namespace VoiceWorker.Persistence.Schema;

/// <summary>What the application has put between its table and this role: policies, triggers, publications.</summary>
public sealed record TableAccess
{
    // Neither a lock nor pg_get_expr, which takes one. $1: the server has publications of whole schemas.
    private const string Sql = $"""
        SELECT format('%I.%I', n.nspname, c.relname), quote_ident(current_user),
               quote_ident(current_user || '_sees_all'),
               row_security_active(c.oid) AND NOT policies.show_all, policies.restrictive,
               published.updating IS NOT NULL AND c.relreplident <> 'f' AND NOT EXISTS (
                   SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisvalid AND CASE c.relreplident
                       WHEN 'd' THEN i.indisprimary AND i.indimmediate WHEN 'i' THEN i.indisreplident END),
               EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate),
               published.updating, published.whole,
               (SELECT string_agg(writer, ', ' ORDER BY writer) FROM (
                   SELECT 'trigger ' || quote_ident(tgname) FROM pg_trigger
                   WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 16 <> 0
                     AND tgname NOT IN ('{ShadowColumn.Trigger}', '{DirectCapture.UpdateTrigger}')
                   UNION ALL
                   SELECT 'rule ' || quote_ident(rulename) FROM pg_rewrite
                   WHERE ev_class = c.oid AND ev_type = '2' AND is_instead AND ev_enabled IN ('O', 'A')
               ) AS own (writer))
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL ({RowSecurity.PoliciesSql}) AS policies
        CROSS JOIN LATERAL (
            SELECT string_agg(quote_ident(pubname), ', ') FILTER (WHERE pubupdate) AS updating,
                   string_agg(quote_ident(pubname), ', ') FILTER (WHERE NOT listed) AS whole
            FROM (SELECT p.pubname, p.pubupdate, to_jsonb(r) ->> 'prattrs' IS NOT NULL AS listed
                  FROM pg_publication AS p
                  LEFT JOIN pg_publication_rel AS r ON r.prpubid = p.oid AND r.prrelid = c.oid
                  WHERE c.relpersistence = 'p' AND (p.puballtables OR r.oid IS NOT NULL OR OF_SCHEMA)
            ) AS one) AS published
        WHERE c.oid = to_regclass('business')
        """;

    private const string OfSchemaSql = """
        EXISTS (SELECT FROM pg_publication_namespace AS s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)
        """;

    private const string HiddenOwnSql = """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('voice', 'voice_audit') AND c.relkind IN ('r', 'p') AND row_security_active(c.oid)
        ORDER BY 1
        """;

    private string Table { get; init; } = "";

    private string Role { get; init; } = "";

    private string PolicyName { get; init; } = "";

    private bool HidesRows { get; init; }

    private string? Restrictive { get; init; }

    private bool LacksIdentity { get; init; }

    private bool HasPrimaryKey { get; init; }

    private string? Updating { get; init; }

    private string? Publishing { get; init; }

    private IReadOnlyList<string> HiddenOwn { get; init; } = [];

    /// <summary>Triggers and rules that run when a row is updated, by name; null when there are none.</summary>
    public string? Writers { get; private init; }

    /// <summary>Reads it from the catalog; takes no lock on the table.</summary>
    /// <param name="connection">Its role is the one that is meant.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static async Task<TableAccess> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var ofSchema = connection.PostgreSqlVersion.Major >= 15 ? OfSchemaSql : "false";
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(HiddenOwnSql), new(Sql.Replace("OF_SCHEMA", ofSchema, StringComparison.Ordinal)) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var hiddenOwn = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            hiddenOwn.Add(reader.GetString(0));
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? Read(reader) with { HiddenOwn = hiddenOwn }
            : new TableAccess { HiddenOwn = hiddenOwn };
    }

    private static TableAccess Read(NpgsqlDataReader reader) => new()
    {
        Table = reader.GetString(0),
        Role = reader.GetString(1),
        PolicyName = reader.GetString(2),
        HidesRows = reader.GetBoolean(3),
        Restrictive = reader.TextAt(4),
        LacksIdentity = reader.GetBoolean(5),
        HasPrimaryKey = reader.GetBoolean(6),
        Updating = reader.TextAt(7),
        Publishing = reader.TextAt(8),
        Writers = reader.TextAt(9),
    };

    /// <summary>Throws when policies hide rows: what is done without seeing them is wrong.</summary>
    /// <exception cref="PrivilegeMissingException">With the policy to create.</exception>
    public void EnsureAllShown()
    {
        var hiding = Obstacles([]).Where(obstacle => obstacle.Effect is TableEffect.HidesRows).ToList();
        if (hiding.Count > 0)
        {
            throw new PrivilegeMissingException(
                string.Join("; ", hiding.Select(obstacle => obstacle.Text)),
                string.Join(Environment.NewLine, hiding.Select(obstacle => obstacle.Cure)));
        }
    }

    /// <summary>Everything that is in the way of this role.</summary>
    /// <param name="pending">Steps that are left to do.</param>
    public IEnumerable<TableObstacle> Obstacles(IReadOnlyList<MigrationStep> pending)
    {
        if (HidesRows)
            yield return new(TableEffect.HidesRows, HidingText(), HidingCure());
        foreach (var own in HiddenOwn)
        {
            yield return new(
                TableEffect.HidesRows, $"Row level security hides rows of {own}, which is the worker's own",
                $"ALTER TABLE {own} DISABLE ROW LEVEL SECURITY;");
        }

        if (LacksIdentity)
        {
            yield return new(
                TableEffect.RefusesUpdates,
                $"No row of {Table} can be updated, by nobody: {Updating} publishes updates, and the table has no "
                    + "replica identity",
                $"ALTER TABLE {Table} REPLICA IDENTITY {(HasPrimaryKey ? "DEFAULT" : "FULL")};");
        }

        if (Publishing is not null && pending.Any(step => step is MigrationStep.AddColumn or MigrationStep.AddShadow))
        {
            yield return new(
                TableEffect.StopsSubscribers,
                $"{Publishing} publishes {Table}: its subscribers stop at the new column until they have it too",
                SubscriberCure(pending));
        }
    }

    private string HidingText() => $"Row level security hides rows of {Table} from {Role}"
        + (Restrictive is null ? "" : $" (restrictive: {Restrictive})");

    // A policy that shows everything adds to others, but not to one that restricts.
    private string HidingCure() => Restrictive is null
        ? $"DROP POLICY IF EXISTS {PolicyName} ON {Table};{Environment.NewLine}"
            + $"CREATE POLICY {PolicyName} ON {Table} TO {Role} USING (true) WITH CHECK (true);"
        : $"ALTER ROLE {Role} BYPASSRLS;";

    private string SubscriberCure(IReadOnlyList<MigrationStep> pending) => pending.Contains(MigrationStep.AddColumn)
        ? $"ALTER TABLE {Table} ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT '{MigrationPlan.DefaultVoice}'; "
            + "-- on every subscriber, before migrate"
        : $"ALTER TABLE {Table} ADD COLUMN {ShadowColumn.Name} varchar({ColumnType.TargetLength}); -- on every "
            + $"subscriber, before migrate; after it, DROP COLUMN voice_id and RENAME COLUMN {ShadowColumn.Name} "
            + "TO voice_id";
}

/// <summary>One thing that is in the way.</summary>
/// <param name="Effect">What comes of it.</param>
/// <param name="Text">What it is.</param>
/// <param name="Cure">SQL that removes it.</param>
public sealed record TableObstacle(TableEffect Effect, string Text, string Cure);

/// <summary>What comes of an obstacle.</summary>
public enum TableEffect
{
    /// <summary>The worker would take rows for absent: it does not start.</summary>
    HidesRows,

    /// <summary>Calls are answered, changes of voice wait.</summary>
    RefusesUpdates,

    /// <summary>Nothing of the worker's; those who replicate the table have to be ready first.</summary>
    StopsSubscribers,
}
