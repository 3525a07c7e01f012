using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VoiceWorker.Persistence.Audit;

/// <summary>
/// The hash that chains an event to the one before in its stream (docs/messages.md). The database computes it where it
/// gives the sequence (006_chain.sql); the verification does so again, here.
/// </summary>
internal static class AuditHash
{
    /// <summary>The key of mt_events.headers.</summary>
    public const string Header = "hash";

    /// <summary>Of the event before in the stream of <c>page</c>; NULL when it has none. Retention may have removed
    /// it.</summary>
    public const string PreviousSql = $"""
        coalesce((SELECT e.headers ->> '{Header}' FROM voice_audit.mt_events AS e
                  WHERE e.stream_id = page.stream AND e.version = page.version - 1),
                 (SELECT head.hash FROM voice.removed_head AS head
                  WHERE head.stream = page.stream AND head.version = page.version - 1))
        """;

    /// <summary>What is hashed of an event of <c>page</c>, which has its contract's name as <c>contract</c>.</summary>
    public const string EventSql = """
        concat_ws(E'\n', page.event_id, page.stream, page.version, page.contract, page.data ->> 'occurredAt', page.data)
        """;

    private const int Size = SHA256.HashSizeInBytes;

    /// <summary>The same for an event that was read; 64 hexadecimal digits.</summary>
    /// <param name="previous">Of the event before; a text that is no hash counts as none.</param>
    /// <param name="link">The event.</param>
    public static string Next(string? previous, ChainLink link)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BytesOf(previous));
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', link.Texts)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A hash as bytes: zeros for what is none.</summary>
    /// <param name="hash">As text.</param>
    public static byte[] BytesOf(string? hash) => IsHash(hash) ? Convert.FromHexString(hash!) : new byte[Size];

    /// <summary>Whether a text is a hash.</summary>
    /// <param name="text">Any.</param>
    public static bool IsHash(string? text) =>
        text?.Length == 2 * Size && text.All(digit => char.IsAsciiDigit(digit) || digit is >= 'a' and <= 'f');
}

/// <summary>An event as it is hashed.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Contract">The name of its contract.</param>
/// <param name="OccurredAt">As in its body; null when it has none.</param>
/// <param name="Body">As PostgreSQL writes the jsonb.</param>
internal readonly record struct ChainLink(
    Guid EventId, string Stream, long Sequence, string Contract, string? OccurredAt, string Body)
{
    /// <summary>What is hashed.</summary>
    public IEnumerable<string> Texts
    {
        get
        {
            yield return EventId.ToString();
            yield return Stream;
            yield return Sequence.ToString(CultureInfo.InvariantCulture);
            yield return Contract;
            if (OccurredAt is not null)
                yield return OccurredAt;
            yield return Body;
        }
    }
}
