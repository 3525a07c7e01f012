namespace VoiceWorker.Persistence.Schema;

/// <summary>The schema lacks what the worker or the application cannot do without.</summary>
/// <param name="problems">Every missing or wrong column.</param>
public sealed class SchemaVerificationException(IReadOnlyList<string> problems)
    : Exception("The database schema does not verify: " + string.Join("; ", problems))
{
    /// <summary>Every missing or wrong column, one each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
