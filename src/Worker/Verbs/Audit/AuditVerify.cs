using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Verification;

namespace VoiceWorker.Verbs.Audit;

/// <summary>One comparison of the audit trail with what was recorded, which can be asked how far it is.</summary>
/// <param name="keptSeals">Kept elsewhere, to compare with.</param>
/// <param name="named">How many differences the result has; there can be as many as rows.</param>
internal sealed class AuditVerify(PostgresConnections connections, IReadOnlyList<TrailSealed> keptSeals, int named)
{
    private readonly AuditVerification _verification = new(connections, keptSeals);
    private readonly List<AuditDifference> _first = [];
    private long _differences;

    /// <summary>What has been looked at so far.</summary>
    public VerificationCounts Counts => _verification.Counts;

    /// <summary>How many differences there are so far.</summary>
    public long Differences => Interlocked.Read(ref _differences);

    /// <summary>Compares.</summary>
    /// <param name="progress">Is told of each difference as it is found.</param>
    /// <param name="interruption">Ends it early.</param>
    public async Task<AuditVerifyResult> RunAsync(
        IProgress<AuditDifference>? progress, CancellationToken interruption)
    {
        var isComplete = false;
        try
        {
            await foreach (var difference in _verification.FindAsync(interruption))
            {
                if (_first.Count < named)
                    _first.Add(difference);
                Interlocked.Increment(ref _differences);
                progress?.Report(difference);
            }

            isComplete = true;
        }
        catch (Exception) when (interruption.IsCancellationRequested)
        {
            // What was found stands.
        }

        return new(Differences, _first, Counts, isComplete);
    }
}

/// <summary>What a comparison has found.</summary>
/// <param name="Differences">How many.</param>
/// <param name="First">The first of them, as many as were asked for.</param>
/// <param name="Counts">What was looked at.</param>
/// <param name="IsComplete">Whether that is all; otherwise it was interrupted.</param>
internal sealed record AuditVerifyResult(
    long Differences, IReadOnlyList<AuditDifference> First, VerificationCounts Counts, bool IsComplete)
{
    /// <summary>How it ends, in words.</summary>
    public IReadOnlyList<string> Lines =>
    [
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Counts.Rows:N0} rows, {Counts.Events:N0} events ({Counts.Seals:N0} "
            + $"{(Counts.Seals == 1 ? "seal" : "seals")}, {Counts.Unhashed:N0} without a hash) and "
            + $"{Counts.Waiting:N0} in the outbox: {Differences:N0} ")
            + (Differences == 1 ? "difference" : "differences") + (IsComplete ? "" : " so far; interrupted"),
        .. Counts.KeptCompared == 0 ? (string[])[] :
            [string.Create(
                CultureInfo.InvariantCulture, $"Compared with seals that were kept: {Counts.KeptCompared:N0}")],
        .. VerificationScope.Lines,
    ];
}

/// <summary>A difference for people and for scripts.</summary>
internal static class DifferenceText
{
    /// <summary>In one line.</summary>
    public static string Line(AuditDifference difference) =>
        $"{NameOf(difference.Kind)}: {PeerText.Escape(difference.Text)}";

    public static JsonObject Json(AuditDifference difference) => new()
    {
        ["kind"] = NameOf(difference.Kind),
        ["decision"] = difference.Decision,
        ["eventId"] = difference.EventId,
        ["stream"] = difference.Stream,
        ["sequence"] = difference.Sequence,
        ["fields"] = new JsonArray([.. difference.Fields.Select(Json)]),
        ["text"] = difference.Text,
    };

    private static JsonObject Json(FieldDifference field) => new()
    {
        ["name"] = field.Name,
        ["recorded"] = field.Recorded is { } recorded ? JsonNode.Parse(recorded) : null,
        ["event"] = field.Told is { } told ? JsonNode.Parse(told) : null,
    };

    private static string NameOf(DifferenceKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
