using System.Globalization;
using VoiceWorker.Tests.Faults.Verdict;

namespace VoiceWorker.Tests.Cluster.Verdict;

/// <summary>What the table counts; the invariants say which they are.</summary>
/// <param name="Lost">Confirmed messages without an event.</param>
/// <param name="Doubled">Messages with more than one.</param>
/// <param name="Gaps">Sequences that are missing in a stream.</param>
/// <param name="Twice">Sequences of a stream that several events have.</param>
public sealed record Tally(int Lost, int Doubled, int Gaps, int Twice)
{
    public static Tally Of(Outcome outcome)
    {
        var events = outcome.Audit.ToLookup(Outcome.CauseOf, one => one.Properties.MessageId);
        var causes = outcome.Plan.Calls.Select(call => call.CallId)
            .Concat(outcome.Plan.Changes.Select(change => change.Identity)).ToList();
        var places = outcome.Audit.ToLookup(
            one => (Stream: one.Field("stream"), Sequence: Number(one.Field("sequence"))),
            one => one.Properties.MessageId);
        return new Tally(
            causes.Count(cause => !events[cause].Any()),
            causes.Count(cause => events[cause].Distinct().Count() > 1),
            places.GroupBy(place => place.Key.Stream)
                .Sum(stream => stream.Max(place => place.Key.Sequence) - stream.Count()),
            places.Count(place => place.Distinct().Count() > 1));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
