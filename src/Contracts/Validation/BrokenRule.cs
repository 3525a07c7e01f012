namespace VoiceWorker.Contracts.Validation;

/// <summary>One rule of a contract that a message breaks. Never carries the value: it could be personal.</summary>
/// <param name="Field">The JSON name of the field.</param>
/// <param name="Rule">What would be right.</param>
/// <param name="Length">Length of the value in characters, where it is a text that was given.</param>
public sealed record BrokenRule(string Field, string Rule, int? Length = null)
{
    /// <summary>For logs and error headers: <c>callId: 1–64 printable characters … (was 70 characters)</c>.</summary>
    public override string ToString() => $"{Field}: {Explain()}";

    /// <summary>The same without the field.</summary>
    public string Explain() => Length is { } length ? $"{Rule} (was {length} characters)" : Rule;
}
