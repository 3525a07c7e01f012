using System.Globalization;
using Xunit;

namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>What holds whatever happens. Each invariant names what breaks it.</summary>
internal static class Invariants
{
    private const int MostNamed = 5;

    /// <summary>Fails with everything that is wrong.</summary>
    /// <param name="outcome">At rest.</param>
    /// <param name="seed">Repeats the run.</param>
    public static void Hold(Outcome outcome, int seed)
    {
        var broken = new (string Invariant, IEnumerable<string> By)[]
        {
            ("every call has its effect, once", CallsWithoutEffect(outcome)),
            ("every change has its effect, once", ChangesWithoutEffect(outcome)),
            ("every business has the voice of its latest change", WrongVoices(outcome)),
            ("every cause has one event", CausesWithoutOneEvent(outcome)),
            ("what is published is in the event store, and all of it", EventsUnlikeTheStore(outcome)),
            ("sequences are 1..n in every stream, in order", BrokenSequences(outcome)),
            ("a repeat is the same event", UnequalRepeats(outcome)),
            ("each event follows on the one before by its hash", HashChain.FindBroken(outcome.Audit)),
            ("audit verify finds no difference", outcome.Differences),
            ("nothing waits", Backlog(outcome)),
            ("queues of errors, of the dead and of the worker are empty", FilledQueues(outcome)),
            ("replies are what is recorded", WrongReplies(outcome)),
            ("every call that asks is answered", UnansweredCalls(outcome)),
        }.Select(check => (check.Invariant, By: check.By.ToList())).Where(check => check.By.Count > 0)
            .Select(check =>
                $"{check.Invariant}: {check.By.Count} broken: {string.Join("; ", check.By.Take(MostNamed))}")
            .ToList();
        Assert.True(broken.Count == 0, $"VOICE_TEST_SEED={seed}\n{string.Join('\n', broken)}");
    }

    private static IEnumerable<string> CallsWithoutEffect(Outcome outcome) =>
        Unequal(outcome.Plan.Calls.Select(call => call.CallId), outcome.Recorded.Calls.Keys, "voice.call_voice");

    private static IEnumerable<string> ChangesWithoutEffect(Outcome outcome) =>
        Unequal(
            outcome.Plan.Changes.Select(change => change.Identity), outcome.Recorded.Changes.Keys,
            "voice.business_voice_change");

    private static IEnumerable<string> WrongVoices(Outcome outcome) =>
        from expected in outcome.Plan.FinalVoices()
        let found = outcome.Recorded.Voices.GetValueOrDefault($"{expected.Key}")
        where found != expected.Value
        select $"business {expected.Key} has {found}, not {expected.Value}";

    private static IEnumerable<string> CausesWithoutOneEvent(Outcome outcome)
    {
        var events = outcome.Audit.ToLookup(Outcome.CauseOf, e => e.Properties.MessageId);
        var causes = outcome.Recorded.Calls.Select(call => (Cause: call.Key, call.Value.EventId))
            .Concat(outcome.Recorded.Changes.Select(change => (Cause: change.Key, EventId: change.Value)));
        return from cause in causes
               let published = events[cause.Cause].Distinct().ToList()
               where published.Count != 1 || published[0] != cause.EventId
               select $"{cause.Cause} has event {cause.EventId}, published: [{string.Join(", ", published)}]";
    }

    private static IEnumerable<string> EventsUnlikeTheStore(Outcome outcome) => Unequal(
        outcome.Recorded.Events.Select(stored => $"{stored.Key} as {stored.Value}"),
        outcome.Audit.Select(e => $"{e.Field("eventId")} as {e.Field("stream")}#{e.Field("sequence")}").Distinct(),
        "what arrived");

    private static IEnumerable<string> BrokenSequences(Outcome outcome) =>
        from stream in outcome.Audit.GroupBy(e => e.Field("stream"))
        let arrived = stream.Select(e => int.Parse(e.Field("sequence"), CultureInfo.InvariantCulture))
            .Distinct().ToList()
        where !arrived.SequenceEqual(Enumerable.Range(1, arrived.Count))
        select $"{stream.Key} arrived as {string.Join(',', arrived)}";

    private static IEnumerable<string> UnequalRepeats(Outcome outcome) =>
        outcome.Audit.GroupBy(e => e.Properties.MessageId)
            .Where(repeats => repeats.Select(e => e.Body).Distinct().Count() > 1)
            .Select(repeats =>
                $"event {repeats.Key} came as {string.Join(" and as ", repeats.Select(e => e.Body).Distinct())}")
        .Concat(outcome.Audit.GroupBy(e => $"{e.Field("stream")}#{e.Field("sequence")}")
            .Where(place => place.Select(e => e.Properties.MessageId).Distinct().Count() > 1)
            .Select(place =>
                $"{place.Key} is {string.Join(" and ", place.Select(e => e.Properties.MessageId).Distinct())}"));

    private static IEnumerable<string> Backlog(Outcome outcome)
    {
        if (outcome.Recorded.Outbox > 0)
            yield return $"{outcome.Recorded.Outbox} in voice.outbox";
        if (outcome.Recorded.Unpublished > 0)
            yield return $"{outcome.Recorded.Unpublished} beyond voice.relay_checkpoint";
    }

    private static IEnumerable<string> FilledQueues(Outcome outcome) =>
        outcome.Queues.Where(queue => queue.Value > 0).Select(queue => $"{queue.Value} in {queue.Key}");

    private static IEnumerable<string> WrongReplies(Outcome outcome) =>
        from reply in outcome.Replies
        let recorded = outcome.Recorded.Calls.GetValueOrDefault(reply.Properties.CorrelationId ?? "")
        let isOfThisCall = recorded is not null && reply.Field("callId") == reply.Properties.CorrelationId
        let isRecorded = isOfThisCall && Answer(reply) == (recorded.VoiceId, recorded.Source, recorded.Reason)
        where !isRecorded && !(isOfThisCall && MayDiffer(reply, outcome))
        select $"{reply.Body}, recorded is {recorded}";

    // Only an answer that was given at its deadline: the default, or what was read by then. See Hurt.
    private static bool MayDiffer(Delivery reply, Outcome outcome) =>
        outcome.Hurt.HasFlag(Hurt.Database | Hurt.Worker)
        && (reply.Field("reason") is "databaseUnavailable"
            ? Answer(reply) == ("ash", "default", "databaseUnavailable")
            : outcome.Plan.MayHaveHad((int)reply.Json["businessId"]!, reply.Field("voiceId")));

    private static (string VoiceId, string Source, string Reason) Answer(Delivery reply) =>
        (reply.Field("voiceId"), reply.Field("source"), reply.Field("reason"));

    private static IEnumerable<string> UnansweredCalls(Outcome outcome) =>
        outcome.Hurt.HasFlag(Hurt.Broker) ? [] : outcome.Asking.Except(outcome.Answered);

    private static IEnumerable<string> Unequal(IEnumerable<string> expected, IEnumerable<string> found, string where)
    {
        var (wanted, present) = (expected.ToHashSet(), found.ToHashSet());
        return wanted.Except(present).Select(missing => $"{missing} is missing in {where}")
            .Concat(present.Except(wanted).Select(strange => $"{strange} is strange in {where}"));
    }
}
