using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>
/// The tables of the legacy application that the worker reads, found by the connection's search path. It owns none of
/// them, tracks nothing and migrates nothing.
/// </summary>
public sealed class LegacyDbContext(DbContextOptions<LegacyDbContext> options) : DbContext(options)
{
    // Contexts are kept, and the query is compiled once: both are done for every group of calls.
    private static readonly PooledDbContextFactory<LegacyDbContext> Pool = new(
        new DbContextOptionsBuilder<LegacyDbContext>()
            .UseNpgsql()
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);

    private static readonly Func<LegacyDbContext, int[], IAsyncEnumerable<Business>> QueryByIds =
        EF.CompileAsyncQuery((LegacyDbContext context, int[] ids) => context.Businesses.Where(row => ids.Contains(row.Id)));

    /// <summary>The businesses.</summary>
    public DbSet<Business> Businesses => Set<Business>();

    /// <summary>A context on an open connection that the caller owns, within its transaction if it has one.</summary>
    /// <param name="connection">Is not closed with the context.</param>
    public static LegacyDbContext On(NpgsqlConnection connection)
    {
        var context = Pool.CreateDbContext();
        context.Database.SetDbConnection(connection, contextOwnsConnection: false);
        return context;
    }

    /// <summary>Those that exist.</summary>
    /// <param name="ids">Any.</param>
    public IAsyncEnumerable<Business> BusinessesOf(int[] ids) => QueryByIds(this, ids);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var business = modelBuilder.Entity<Business>();
        business.ToTable("business", table => table.ExcludeFromMigrations());
        business.HasKey(row => row.Id);
        business.Property(row => row.Id).HasColumnName("id");
        business.Property(row => row.VoiceId).HasColumnName("voice_id");
    }
}
