namespace VoiceWorker.Persistence;

/// <summary>What is inside a failure: clients and frameworks wrap what they were told.</summary>
public static class FailureCauses
{
    /// <summary>The failure itself, then what it wraps, to the innermost.</summary>
    /// <param name="failure">What was thrown.</param>
    public static IEnumerable<Exception> Of(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
