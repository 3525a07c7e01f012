using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Businesses;

/// <summary><c>business</c>, the legacy application's table: the voices as it stores them.</summary>
public static class BusinessTable
{
    // In id order, so that two groups with the same businesses queue instead of deadlocking. NO KEY: rows that refer
    // to the business by foreign key can still be inserted meanwhile. Plain SQL, because the statement that depends
    // on the locks travels in the same round trip.
    private const string LockSql = $"""
        /* {StatementMark.LockBusinesses} */ SELECT id, voice_id FROM business
        WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE
        """;

    private const string UpdateSql = """
        UPDATE business SET voice_id = new.voice_id
        FROM unnest($1::int[], $2::text[]) AS new (id, voice_id) WHERE business.id = new.id
        """;

    /// <summary>The stored voices of the businesses that exist; null where none is stored. One round trip;
    /// another one when any is missing.</summary>
    /// <param name="connection">Open, with or without a transaction.</param>
    /// <param name="businessIds">Distinct; unknown ones are missing in the result.</param>
    /// <param name="cancellationToken">Cancels the round trip.</param>
    public static async Task<IReadOnlyDictionary<int, string?>> ReadVoicesAsync(
        NpgsqlConnection connection, int[] businessIds, CancellationToken cancellationToken)
    {
        await using var legacy = LegacyDbContext.On(connection);
        var voices = await legacy.BusinessesOf(businessIds)
            .ToDictionaryAsync(
                business => business.Id, business => business.VoiceId, cancellationToken: cancellationToken);
        if (voices.Count < businessIds.Length)
            await RowSecurity.EnsureShownAsync(connection, cancellationToken);
        return voices;
    }

    /// <summary>Reads (id, voice_id) of the businesses that exist and keeps the rows for the transaction.</summary>
    /// <param name="changes">The businesses to be changed.</param>
    public static NpgsqlBatchCommand LockCommand(IReadOnlyList<BusinessVoiceChanged> changes) => new(LockSql)
    {
        Parameters = { Unnest.Int(changes, change => change.BusinessId) },
    };

    /// <summary>Stores the new voices.</summary>
    /// <param name="voices">One per business.</param>
    public static NpgsqlBatchCommand UpdateCommand(IReadOnlyDictionary<int, string> voices) => new(UpdateSql)
    {
        Parameters = { Unnest.Int(voices, voice => voice.Key), Unnest.Text(voices, voice => voice.Value) },
    };

    /// <summary>Reads (id, voice_id) as they are now, triggers included.</summary>
    /// <param name="voices">Stored just before.</param>
    public static NpgsqlBatchCommand ReadBackCommand(IReadOnlyDictionary<int, string> voices) =>
        new("SELECT id, voice_id FROM business WHERE id = ANY($1)")
        {
            Parameters = { Unnest.Int(voices, voice => voice.Key) },
        };
}

/// <summary>
/// The tables of the legacy application that the worker reads, found by the connection's search path. It owns none of
/// them, tracks nothing and migrates nothing.
/// </summary>
internal sealed class LegacyDbContext(DbContextOptions<LegacyDbContext> options) : DbContext(options)
{
    // Contexts are kept, and the query is compiled once: both are done for every group of calls.
    private static readonly PooledDbContextFactory<LegacyDbContext> Pool = new(
        new DbContextOptionsBuilder<LegacyDbContext>()
            .UseNpgsql()
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);

    private static readonly Func<LegacyDbContext, int[], IAsyncEnumerable<Business>> QueryByIds =
        EF.CompileAsyncQuery(
            (LegacyDbContext context, int[] ids) => context.Businesses.Where(row => ids.Contains(row.Id)));

    public DbSet<Business> Businesses => Set<Business>();

    /// <summary>A context on an open connection that the caller owns, within its transaction if it has one.</summary>
    /// <param name="connection">Is not closed with the context.</param>
    public static LegacyDbContext On(NpgsqlConnection connection)
    {
        var context = Pool.CreateDbContext();
        context.Database.SetDbConnection(connection, contextOwnsConnection: false);
        return context;
    }

    public IAsyncEnumerable<Business> BusinessesOf(int[] ids) => QueryByIds(this, ids);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var business = modelBuilder.Entity<Business>();
        business.ToTable("business", table => table.ExcludeFromMigrations());
        business.HasKey(row => row.Id);
        business.Property(row => row.Id).HasColumnName("id");
        business.Property(row => row.VoiceId).HasColumnName("voice_id");
    }
}

/// <summary>A row of the legacy table <c>business</c>, as far as the worker knows it.</summary>
internal sealed class Business
{
    public int Id { get; init; }

    /// <summary>The stored voice; the legacy application may have written anything.</summary>
    public string? VoiceId { get; init; }
}
