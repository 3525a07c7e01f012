using System.Globalization;
using System.Text;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>
/// Why a message is in an error queue, under the names that MassTransit's tools know. Below 8 KB together, and without
/// any value of the message: only our own <see cref="InvalidMessageException"/> is quoted.
/// </summary>
internal static class FaultHeaders
{
    public const string Message = "MT-Fault-Message";
    public const string Timestamp = "MT-Fault-Timestamp";

    /// <summary>Bytes for when and why, in short.</summary>
    public const int LeastRoom = 512;

    private const int LongestMessage = 2_000;
    private const int LongestStackTrace = 4_000;
    private const int LongestOther = 250;

    /// <summary>The headers, the most important first, as far as there is room.</summary>
    /// <param name="input">The queue that it was consumed from.</param>
    /// <param name="room">Bytes, at least <see cref="LeastRoom"/>.</param>
    /// <param name="leftOut">Names of headers that the message had and for which there is no room.</param>
    public static Dictionary<string, object?> Of(
        Exception failure, Uri input, DateTime thrownAt, long room = int.MaxValue,
        IReadOnlyList<string>? leftOut = null)
    {
        var headers = new Dictionary<string, object?>();
        foreach (var (name, text) in All(DeliveryFailure.Of(failure), input, thrownAt, leftOut ?? []))
        {
            var length = (int)Math.Min(int.MaxValue, room - HeaderFrame.SizeOf(name, ""));
            if (length <= 0)
                break;
            headers[name] = Truncate(text, length);
            room -= HeaderFrame.SizeOf(name, headers[name]);
        }

        return headers;
    }

    /// <summary>The same for a caller that waits for an answer.</summary>
    public static FaultReason Explain(Exception failure)
    {
        var judged = DeliveryFailure.Of(failure);
        return new(judged.Cause.GetType().FullName!, Truncate(judged.Names, LongestMessage));
    }

    private static (string Name, string Text)[] All(
        Failure failure, Uri input, DateTime thrownAt, IReadOnlyList<string> leftOut) =>
    [
        ("MT-Reason", "fault"),
        (Timestamp, thrownAt.ToString("O", CultureInfo.InvariantCulture)),
        (Message, Truncate(failure.Names, LongestMessage)),
        ("MT-Fault-ExceptionType", Truncate(failure.Cause.GetType().FullName!, LongestOther)),
        ("MT-Fault-InputAddress", Truncate(input.GetLeftPart(UriPartial.Path), LongestOther)),
        ("MT-Host-MachineName", Truncate(Environment.MachineName, LongestOther)),
        .. leftOut.Count == 0 ? [] : new[]
        {
            ("MT-Fault-Headers-Left-Out", Truncate(string.Join(", ", leftOut), LongestOther)),
        },
        ("MT-Fault-StackTrace", Truncate(failure.Cause.StackTrace ?? "", LongestStackTrace)),
    ];

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

/// <summary>Why a message failed, without any value of it.</summary>
/// <param name="ExceptionType">Full name of its type.</param>
/// <param name="Message">In words.</param>
internal sealed record FaultReason(string ExceptionType, string Message);
