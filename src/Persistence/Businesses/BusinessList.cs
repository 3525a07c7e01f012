using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace VoiceWorker.Persistence.Businesses;

/// <summary>Businesses with their stored voices, as an operator asks for them.</summary>
public static class BusinessList
{
    /// <summary>Those that fit, by their ids.</summary>
    /// <param name="connection">Its search path finds the legacy table.</param>
    /// <param name="which">All that is said must hold.</param>
    /// <param name="limit">At most so many; null for all.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The first of them with their stored voice, null where none is stored, and how many there are.
    /// </returns>
    public static async Task<(IReadOnlyList<(int Id, string? VoiceId)> First, int Count)> ReadAsync(
        NpgsqlConnection connection, BusinessFilter which, int? limit, CancellationToken cancellationToken)
    {
        await using var legacy = LegacyDbContext.On(connection);
        var businesses = Where(legacy.Businesses, which);
        var first = businesses.OrderBy(business => business.Id);
        var rows = await (limit is { } most ? first.Take(most) : first).ToListAsync(cancellationToken);
        await RowSecurity.EnsureShownAsync(connection, cancellationToken);
        // What was read of an endless table is all of it.
        var count = rows.Count == limit ? await businesses.CountAsync(cancellationToken) : rows.Count;
        return (rows.ConvertAll(row => (row.Id, row.VoiceId)), count);
    }

    private static IQueryable<Business> Where(IQueryable<Business> businesses, BusinessFilter which)
    {
        if (which.BusinessId is { } id)
            businesses = businesses.Where(business => business.Id == id);
        if (which.With is { } wanted)
            businesses = businesses.Where(business => wanted.Contains(business.VoiceId!.Trim().ToLower()));
        if (which.Without is { } others)
        {
            businesses = businesses.Where(business =>
                business.VoiceId == null || !others.Contains(business.VoiceId.Trim().ToLower()));
        }

        return businesses;
    }
}

/// <summary>Which businesses. Voices are compared without case after trimming, and given in lower case.</summary>
/// <param name="BusinessId">This one; null for any.</param>
/// <param name="With">One of these is stored; null for any.</param>
/// <param name="Without">None of these is stored; null for any.</param>
public sealed record BusinessFilter(int? BusinessId, IReadOnlyList<string>? With, IReadOnlyList<string>? Without);
