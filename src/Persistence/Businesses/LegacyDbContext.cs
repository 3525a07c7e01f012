using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>
/// The tables of the legacy application that the worker reads, found by the connection's search path. It owns none of
/// them, tracks nothing and migrates nothing.
/// </summary>
public sealed class LegacyDbContext(DbContextOptions<LegacyDbContext> options) : DbContext(options)
{
    /// <summary>The businesses.</summary>
    public DbSet<Business> Businesses => Set<Business>();

    /// <summary>A context on a connection that somebody else owns, within its open transaction.</summary>
    /// <param name="transaction">Neither it nor its connection is closed with the context.</param>
    public static LegacyDbContext Within(NpgsqlTransaction transaction)
    {
        var options = new DbContextOptionsBuilder<LegacyDbContext>()
            .UseNpgsql(transaction.Connection!)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
        var context = new LegacyDbContext(options.Options);
        context.Database.UseTransaction(transaction);
        return context;
    }

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
