using Npgsql;
using NpgsqlTypes;

namespace VoiceWorker.Persistence;

/// <summary>Columns of a set as parameters for <c>unnest</c>: one array each, whatever the number of rows.</summary>
internal static class Unnest
{
    public static NpgsqlParameter Text<T>(IReadOnlyCollection<T> rows, Func<T, string?> column) =>
        Array(rows, column, NpgsqlDbType.Text);

    /// <param name="column">UTF-8.</param>
    public static NpgsqlParameter Json<T>(IReadOnlyCollection<T> rows, Func<T, byte[]> column) =>
        Array(rows, column, NpgsqlDbType.Json);

    public static NpgsqlParameter Int<T>(IReadOnlyCollection<T> rows, Func<T, int> column) =>
        Array(rows, column, NpgsqlDbType.Integer);

    public static NpgsqlParameter Long<T>(IReadOnlyCollection<T> rows, Func<T, long> column) =>
        Array(rows, column, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Bool<T>(IReadOnlyCollection<T> rows, Func<T, bool> column) =>
        Array(rows, column, NpgsqlDbType.Boolean);

    public static NpgsqlParameter Uuid<T>(IReadOnlyCollection<T> rows, Func<T, Guid> column) =>
        Array(rows, column, NpgsqlDbType.Uuid);

    public static NpgsqlParameter Instant<T>(IReadOnlyCollection<T> rows, Func<T, DateTimeOffset> column) =>
        Array(rows, row => column(row).UtcDateTime, NpgsqlDbType.TimestampTz);

    private static NpgsqlParameter<TColumn[]> Array<T, TColumn>(
        IReadOnlyCollection<T> rows, Func<T, TColumn> column, NpgsqlDbType type)
    {
        var values = new TColumn[rows.Count];
        var position = 0;
        foreach (var row in rows)
            values[position++] = column(row);
        return new NpgsqlParameter<TColumn[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
