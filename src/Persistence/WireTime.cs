namespace VoiceWorker.Persistence;

/// <summary>An instant as contracts write it: UTC, RFC 3339, six digits of a second.</summary>
public static class WireTime
{
    /// <summary>Such as <c>2026-01-31T09:30:00.000000Z</c>.</summary>
    public static string Of(DateTimeOffset instant) =>
        FormattableString.Invariant($"{instant.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}");
}
