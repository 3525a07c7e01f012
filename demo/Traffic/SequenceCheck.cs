namespace VoiceWorker.Demo.Traffic;

/// <summary>What a consumer can prove by arithmetic: 1, 2, 3 … per stream means that nothing was missed.</summary>
internal static class SequenceCheck
{
    /// <summary>Every gap and every number that was given twice; a repeat of the same event is neither.</summary>
    public static IEnumerable<string> FindProblems(IEnumerable<AuditEvent> events)
    {
        var seen = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var auditEvent in events)
        {
            if (!seen.TryGetValue(auditEvent.Stream, out var ids))
                seen[auditEvent.Stream] = ids = [];
            if (auditEvent.Sequence == ids.Count + 1)
                ids.Add(auditEvent.Id);
            else if (auditEvent.Sequence > ids.Count)
                yield return $"stream {auditEvent.Stream}: #{auditEvent.Sequence} came after #{ids.Count}";
            else if (ids[(int)auditEvent.Sequence - 1] != auditEvent.Id)
                yield return $"stream {auditEvent.Stream}: #{auditEvent.Sequence} was given to two events";
        }
    }

    /// <summary>Such as <c>business-2 1…4</c>.</summary>
    public static string Describe(IEnumerable<AuditEvent> events) => string.Join(", ", events
        .GroupBy(auditEvent => auditEvent.Stream)
        .OrderBy(stream => stream.Key, StringComparer.Ordinal)
        .Select(stream => $"{stream.Key} 1…{stream.Max(auditEvent => auditEvent.Sequence)}"));
}
