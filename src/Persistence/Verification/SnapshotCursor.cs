using System.Runtime.CompilerServices;
using Npgsql;

namespace VoiceWorker.Persistence.Verification;

/// <summary>Reads a result page by page, so that two can be read side by side in one snapshot.</summary>
internal static class SnapshotCursor
{
    private const int PageSize = 2_000;

    /// <summary>The rows of a query, in its order.</summary>
    /// <param name="connection">With an open transaction; free between two pages.</param>
    /// <param name="name">Of the cursor, of its own in the transaction.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        NpgsqlConnection connection, string name, string sql, Func<NpgsqlDataReader, T> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"DECLARE {name} NO SCROLL CURSOR FOR {sql}", cancellationToken);
        List<T> page;
        do
        {
            page = await FetchAsync(connection, name, read, cancellationToken);
            foreach (var row in page)
                yield return row;
        }
        while (page.Count == PageSize);
    }

    private static async Task<List<T>> FetchAsync<T>(
        NpgsqlConnection connection, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        // The first page waits for the sorting of everything.
        await using var fetch = new NpgsqlCommand($"FETCH {PageSize} FROM {name}", connection) { CommandTimeout = 0 };
        await using var reader = await fetch.ExecuteReaderAsync(cancellationToken);
        var page = new List<T>(PageSize);
        while (await reader.ReadAsync(cancellationToken))
            page.Add(read(reader));
        return page;
    }
}
