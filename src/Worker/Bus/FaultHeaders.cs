using System.Globalization;
using System.Text;
using Npgsql;

namespace VoiceWorker.Bus;

/// <summary>
/// Why a message is in an error queue, under the names that MassTransit's tools know. Below 8 KB together, and without any
/// value of the message: only our own <see cref="InvalidMessageException"/> is quoted.
/// </summary>
internal static class FaultHeaders
{
    public const string Message = "MT-Fault-Message";
    public const string Timestamp = "MT-Fault-Timestamp";

    private const int LongestMessage = 2_000;
    private const int LongestStackTrace = 4_000;
    private const int LongestOther = 250;

    /// <summary>The headers.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="input">The queue that it was consumed from.</param>
    /// <param name="thrownAt">When.</param>
    public static Dictionary<string, object?> Of(Exception failure, Uri input, DateTime thrownAt)
    {
        var cause = CauseOf(failure);
        return new Dictionary<string, object?>
        {
            ["MT-Reason"] = "fault",
            [Message] = Truncate(Describe(cause), LongestMessage),
            [Timestamp] = thrownAt.ToString("O", CultureInfo.InvariantCulture),
            ["MT-Fault-ExceptionType"] = Truncate(cause.GetType().FullName!, LongestOther),
            ["MT-Fault-InputAddress"] = Truncate(input.GetLeftPart(UriPartial.Path), LongestOther),
            ["MT-Fault-StackTrace"] = Truncate(cause.StackTrace ?? "", LongestStackTrace),
            ["MT-Host-MachineName"] = Truncate(Environment.MachineName, LongestOther),
        };
    }

    // PostgreSQL quotes values in its message, not only in the detail: 'invalid input syntax for type integer: "…"'.
    private static string Describe(Exception cause) => cause switch
    {
        InvalidMessageException invalid => invalid.Message,
        PostgresException sql => string.Join(", ", new[]
        {
            $"SQLSTATE {sql.SqlState}", Named("table", sql.TableName), Named("column", sql.ColumnName),
            Named("constraint", sql.ConstraintName),
        }.OfType<string>()),
        _ => cause.GetType().FullName!,
    };

    private static string? Named(string what, string? name) => string.IsNullOrEmpty(name) ? null : $"{what} {name}";

    private static Exception CauseOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is InvalidMessageException or PostgresException)
                return cause;
        }

        return failure.GetBaseException();
    }

    private static string Truncate(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
            return text;
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes -= rune.Utf8SequenceLength) < 0)
                break;
            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }
}
