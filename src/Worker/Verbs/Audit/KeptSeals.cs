using System.Text.Json;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Verbs.Audit;

/// <summary>Seals that somebody has kept: messages of the exchange <c>trail-sealed</c>, one on each line.</summary>
/// <param name="Seals">As they were published.</param>
/// <param name="Flaw">Why the file is none; null when it is one.</param>
internal sealed record KeptSeals(IReadOnlyList<TrailSealed> Seals, string? Flaw)
{
    /// <summary>Nothing to compare with.</summary>
    public static KeptSeals None { get; } = new([], Flaw: null);

    /// <summary>Reads a file. Lines of other events are passed over: a queue that has everything will do. A seal that
    /// a <see cref="HistoryLost"/> of the file names as lost for good is missed by nobody; one of the database that is
    /// examined excuses none.</summary>
    /// <param name="path">Of the file.</param>
    public static KeptSeals Read(string path)
    {
        try
        {
            var (seals, lost) = (new List<TrailSealed>(), new HashSet<Guid>());
            foreach (var (number, line) in File.ReadLines(path).Index())
            {
                if (!string.IsNullOrWhiteSpace(line) && !TryRead(line, seals, lost))
                    return Not(path, $"line {number + 1} is not an audit event");
            }

            seals.RemoveAll(one => lost.Contains(one.EventId));
            return seals.Count == 0 ? Not(path, "it has no TrailSealed event") : new(seals, Flaw: null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Not(path, unreadable.Message);
        }
    }

    private static bool TryRead(string line, List<TrailSealed> seals, HashSet<Guid> lost)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (!json.RootElement.TryGetProperty("stream", out var stream) || stream.ValueKind != JsonValueKind.String)
                return false;
            if (!stream.ValueEquals(AuditEvent.SealStream))
                return true;
            // Where a promotion lost a seal, its stream has a HistoryLost too.
            if (!json.RootElement.TryGetProperty("lost", out var gone))
                seals.Add(json.RootElement.Deserialize(ContractsJson.Default.TrailSealed)!);
            else
                lost.UnionWith(gone.Deserialize(ContractsJson.Default.IReadOnlyListLostEvent)!
                    .Where(one => !one.RecordedAgain).Select(one => one.EventId));
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static KeptSeals Not(string path, string why) => new([], $"--seals {path} cannot be used: {why}.");
}
