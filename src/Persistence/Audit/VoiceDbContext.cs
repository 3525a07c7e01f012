using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>The worker's own tables in schema <c>voice</c>, for queries that an operator composes. It tracks nothing
/// and migrates nothing: <c>Schema/Sql</c> makes the tables.</summary>
internal sealed class VoiceDbContext(DbContextOptions<VoiceDbContext> options) : DbContext(options)
{
    public DbSet<OperatorAction> Acts => Set<OperatorAction>();

    /// <summary>A context on an open connection that the caller owns.</summary>
    /// <param name="connection">Is not closed with the context.</param>
    public static VoiceDbContext On(NpgsqlConnection connection) => new(
        new DbContextOptionsBuilder<VoiceDbContext>()
            .UseNpgsql(connection)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var act = modelBuilder.Entity<OperatorAction>();
        act.ToTable("operator_action", "voice", table => table.ExcludeFromMigrations());
        act.HasKey(row => row.ActionId);
        act.Property(row => row.ActionId).HasColumnName("action_id");
        act.Property(row => row.ActedAt).HasColumnName("acted_at");
        act.Property(row => row.Operator).HasColumnName("operator");
        act.Property(row => row.Verb).HasColumnName("verb");
        act.Property(row => row.Filter).HasColumnName("filter").HasColumnType("jsonb");
        act.Property(row => row.Counts).HasColumnName("counts").HasColumnType("jsonb");
        act.Property(row => row.Result).HasColumnName("result");
        act.Property(row => row.Note).HasColumnName("note");
    }
}

/// <summary>A row of <c>voice.operator_action</c>: what an operator did.</summary>
public sealed class OperatorAction
{
    /// <summary>Also the id of its event.</summary>
    public Guid ActionId { get; init; }

    /// <summary>By the clock of the database.</summary>
    public DateTimeOffset ActedAt { get; init; }

    /// <summary>Who.</summary>
    public required string Operator { get; init; }

    /// <summary>Such as <c>dead-letters replay</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>What was asked for: a JSON object of texts.</summary>
    public required string Filter { get; init; }

    /// <summary>How many of what: a JSON object of numbers.</summary>
    public required string Counts { get; init; }

    /// <summary>How it ended, as on the wire.</summary>
    public required string Result { get; init; }

    /// <summary>Why, in the operator's words; null when none were given.</summary>
    public string? Note { get; init; }
}
