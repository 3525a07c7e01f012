using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>
/// The tables of the legacy application for queries that an operator composes, found by the connection's search path.
/// It owns none of them, tracks nothing and migrates nothing. Calls do not go by it: for one query by key it took 9 %
/// of a call's processor time.
/// </summary>
internal sealed class LegacyDbContext(DbContextOptions<LegacyDbContext> options) : DbContext(options)
{
    public DbSet<Business> Businesses => Set<Business>();

    /// <summary>A context on an open connection that the caller owns, within its transaction if it has one.</summary>
    /// <param name="connection">Is not closed with the context.</param>
    public static LegacyDbContext On(NpgsqlConnection connection) => new(
        new DbContextOptionsBuilder<LegacyDbContext>()
            .UseNpgsql(connection)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);

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
