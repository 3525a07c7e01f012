using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Columns that may be NULL.</summary>
internal static class NullableColumns
{
    /// <summary>A text; null for NULL.</summary>
    public static string? TextAt(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A number; null for NULL.</summary>
    public static double? DoubleAt(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetDouble(column);
}
