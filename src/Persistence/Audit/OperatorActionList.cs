using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Audit;

/// <summary>What operators did, as it is asked for: the latest first.</summary>
public static class OperatorActionList
{
    private const string EscapeCharacter = @"\";

    /// <summary>Those that fit. A page far back costs what the first costs: it begins at a place in the index.
    /// </summary>
    /// <param name="connection">Any.</param>
    /// <param name="which">All that is said must hold.</param>
    /// <param name="before">The last act of the page before; null for the first page.</param>
    /// <param name="limit">At most so many; null for all.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The first of them, and how many fit on all pages.</returns>
    public static async Task<(IReadOnlyList<OperatorAction> First, int Count)> ReadAsync(
        NpgsqlConnection connection, OperatorActionFilter which, OperatorActionPlace? before, int? limit,
        CancellationToken cancellationToken)
    {
        await using var own = VoiceDbContext.On(connection);
        var acts = Where(own.Acts, which);
        var page = Before(acts, before).OrderByDescending(act => act.ActedAt).ThenByDescending(act => act.ActionId);
        var rows = await (limit is { } most ? page.Take(most) : page).ToListAsync(cancellationToken);
        // What was read of an endless list from its beginning is all of it.
        var count = before is null && rows.Count != limit ? rows.Count : await acts.CountAsync(cancellationToken);
        return (rows, count);
    }

    // As one comparison of two rows, which the index knows.
    private static IQueryable<OperatorAction> Before(IQueryable<OperatorAction> acts, OperatorActionPlace? place) =>
        place is not { } last ? acts : acts.Where(act => EF.Functions.LessThan(
            ValueTuple.Create(act.ActedAt, act.ActionId), ValueTuple.Create(last.ActedAt, last.ActionId)));

    private static IQueryable<OperatorAction> Where(IQueryable<OperatorAction> acts, OperatorActionFilter which)
    {
        if (which.Operator is { } name)
            acts = acts.Where(act => EF.Functions.ILike(act.Operator, $"%{Literal(name)}%", EscapeCharacter));
        if (which.Verb is { } verb)
            acts = acts.Where(act => act.Verb.StartsWith(verb));
        if (which.Result is { } result)
            acts = acts.Where(act => act.Result == result);
        if (which.From?.ToUniversalTime() is { } from)
            acts = acts.Where(act => act.ActedAt >= from);
        if (which.To?.ToUniversalTime() is { } to)
            acts = acts.Where(act => act.ActedAt < to);
        return acts;
    }

    // What was given has no wildcards.
    private static string Literal(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal);
}

/// <summary>Which acts; null lets pass whatever it is.</summary>
/// <param name="Operator">A part of who acted, whatever its case.</param>
/// <param name="Verb">What the verb begins with.</param>
/// <param name="Result">How it ended, as on the wire.</param>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
public sealed record OperatorActionFilter(
    string? Operator, string? Verb, string? Result, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Every one.</summary>
    public static OperatorActionFilter All { get; } = new(null, null, null, null, null);
}

/// <summary>The place of an act among all.</summary>
/// <param name="ActedAt">Its time.</param>
/// <param name="ActionId">Its id, which orders those of one time.</param>
public readonly record struct OperatorActionPlace(DateTimeOffset ActedAt, Guid ActionId);
